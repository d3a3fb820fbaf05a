// The style sheet of the page: light or dark as the reader's browser prefers, and black on white in print.

import { FOLDED } from './html-table.ts';

/** Okabe and Ito's colours, which the colour-blind can distinguish, adjusted to a contrast of 4.5:1 for text. */
const LIGHT = ['#0b5fa5', '#b34700', '#00705a', '#93418f', '#6f5c00', '#4a5560'];
const DARK = ['#63b3f2', '#f29a5a', '#3fc9a4', '#dc97d7', '#d6c04a', '#b3bcc6'];

const colors = (values: readonly string[]) => values.map((value, i) => `--rule-${i}: ${value};`).join(' ');

const LIGHT_THEME = `
  --ground: #ffffff; --panel: #f6f7f9; --text: #1b2128; --soft: #55606c; --line: #d5dae0; --grid: #e6e9ed;
  --shade: #1b212833; --link: #0b5fa5; --good: #00694f; --warn: #8f3d00; --bad: #b3191f; --mail: #4a5560; ${colors(LIGHT)}`;
const DARK_THEME = `
  --ground: #14181d; --panel: #1c2228; --text: #e4e8ec; --soft: #a3aeb9; --line: #39424c; --grid: #2a3138;
  --shade: #00000099; --link: #63b3f2; --good: #4bcfa9; --warn: #f2a566; --bad: #ff8a85; --mail: #8d98a4; ${colors(DARK)}`;

const BASE = `
:root { color-scheme: light dark; ${LIGHT_THEME} }
@media (prefers-color-scheme: dark) { :root { ${DARK_THEME} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
header, main { max-width: 75rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; }
main { padding-bottom: 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
p { margin: .4rem 0; max-width: 60rem; text-wrap: pretty; }
.soft, figcaption, .none { color: var(--soft); }
.good { color: var(--good); } .warn { color: var(--warn); }
.verdict { font-size: 1.05rem; }
.alert { border: 1px solid var(--bad); border-left-width: 5px; color: var(--bad); padding: .5rem .8rem; font-weight: 600; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
code { unicode-bidi: isolate; } pre code { font-size: inherit; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .6rem .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
`;

const FIGURES = `
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px; margin: 1rem 0 0;
  border: 1px solid var(--line); border-radius: 4px; background: var(--panel); overflow: hidden; }
.figures div { box-shadow: 0 0 0 1px var(--line); padding: .55rem .8rem; display: flex; flex-direction: column-reverse;
  justify-content: flex-end; }
.figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.25; }
.facts { margin: 1rem 0 0; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; }
.facts div { display: contents; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 1rem 2rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 33rem), 1fr)); gap: .5rem 2rem;
  align-items: start; }
.forms { padding-left: 1.2rem; margin: .3rem 0; } .forms li { margin-bottom: .5rem; }
`;

const TABLES = `
.scroll { overflow-x: auto; margin: .5rem 0 1rem; max-width: 100%; min-width: 0; }
.wide { background: linear-gradient(to left, var(--ground) 40%, transparent) right / 4rem 100% no-repeat local,
  linear-gradient(to left, var(--shade), transparent) right / 1.25rem 100% no-repeat scroll; }
.wide::after { content: "More columns: scroll sideways →"; display: block; position: sticky; left: 0; width: max-content;
  max-width: 100%; color: var(--soft); font-size: .85rem; padding: .3rem 0; }
.wide tbody th, .wide thead th:first-child { position: sticky; left: 0; z-index: 1; background: var(--ground);
  border-right: 1px solid var(--line); }
.wide tr > :nth-child(2) { padding-left: .5rem; }
.folded tbody tr:nth-child(n + ${FOLDED + 1}) { display: none; }
.more { margin: -.5rem 0 1rem; }
.more button { font: inherit; font-size: .9rem; color: var(--link); background: none; border: 1px solid var(--line);
  border-radius: 4px; padding: .2rem .7rem; cursor: pointer; }
.more button:hover { background: var(--panel); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; border-radius: 2px; }
table { border-collapse: collapse; min-width: min(100%, 34rem); font-size: .93rem; overflow-wrap: normal; }
caption { text-align: left; font-weight: 600; padding: .2rem 0 .35rem; }
th, td { text-align: left; font-weight: 400; padding: .22rem .5rem .22rem 0; vertical-align: top; white-space: nowrap; }
td, tbody th { border-top: 1px solid var(--grid); }
tbody th { font-weight: 500; }
tbody tr:hover > *, .current > *, .wide .current > th { background: var(--panel); }
.long { white-space: normal; overflow-wrap: break-word; min-width: 5rem; max-width: 24rem; }
.number { text-align: right; padding-left: .25rem; }
.number + :not(.number) { padding-left: .9rem; }
thead th { border-bottom: 2px solid var(--line); padding-bottom: .1rem; vertical-align: bottom; }
th button { all: unset; cursor: pointer; color: var(--soft); font-size: .85rem; }
th button:hover { color: var(--text); }
th button:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
th button::after { content: "↕"; display: inline-block; width: .8em; text-align: right; opacity: .45; }
th[aria-sort="ascending"] button, th[aria-sort="descending"] button { color: var(--text); font-weight: 600; }
th[aria-sort="ascending"] button::after { content: "↑"; opacity: 1; }
th[aria-sort="descending"] button::after { content: "↓"; opacity: 1; }
.current > * { font-weight: 700; }
`;

const CHARTS = `
figure { margin: 0; min-width: 0; }
figcaption { font-size: .9rem; margin-bottom: .2rem; }
figcaption b { color: var(--color); }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--soft); font-family: inherit; }
svg .strong { fill: var(--text); font-weight: 700; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
.grid { stroke: var(--grid); fill: none; } .axis { stroke: var(--soft); fill: none; opacity: .6; }
.area { fill: var(--color); fill-opacity: .7; } .mark { fill: var(--color); }
.mail .mark, .lost { fill: var(--bad); }
.band { fill: var(--panel); }
.limit { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 5 3; fill: none; }
.point { fill: var(--ground); stroke: var(--color); stroke-width: 2; } .point.blocked { fill: var(--color); }
.zone { fill: var(--color); fill-opacity: .1; }
.hit { fill: transparent; } .hit:hover { fill: var(--text); fill-opacity: .12; }
.mail { --color: var(--mail); } .mail figcaption b { color: var(--text); }
${LIGHT.map((_, i) => `.rule-${i} { --color: var(--rule-${i}); }`).join(' ')}
`;

const NARROW = `
@media (max-width: 40rem) {
  header, main { padding-left: .9rem; padding-right: .9rem; }
  svg text { font-size: 15px; }
  .long { min-width: 9.5rem; max-width: 15rem; }
  tbody th.long { min-width: 7rem; max-width: 9.5rem; }
}
`;

const PRINT = `
@page { size: A4; margin: 14mm; }
@media print {
  :root { color-scheme: light; ${LIGHT_THEME} --ground: #fff; --panel: #fff; --text: #000; --soft: #000; --good: #000;
    --warn: #000; --bad: #000; }
  html { font-size: 8.5pt; }
  body { font-size: 9.5pt; background: #fff; }
  header, main { max-width: none; padding: 0; }
  .scroll { overflow: visible; background: none; }
  .wide::after { content: none; }
  .wide tbody th, .wide thead th:first-child { position: static; border-right: none; }
  .folded tbody tr:nth-child(n + ${FOLDED + 1}) { display: table-row; }
  .more { display: none; }
  .figures { overflow: visible; }
  td, th, tbody th { white-space: normal; }
  table, pre { font-size: 7.5pt; }
  .long { min-width: 1.5cm; max-width: none; overflow-wrap: anywhere; }
  tbody th:not([class]) { min-width: 3.7cm; overflow-wrap: anywhere; }
  .number, .time { white-space: nowrap; overflow-wrap: normal; }
  .number + :not(.number) { padding-left: .35rem; }
  table { min-width: 60%; max-width: 100%; }
  th, td { padding: .15rem .35rem .15rem 0; }
  thead { display: table-header-group; }
  thead th { border-bottom: 1pt solid #000; }
  tr, p, figure, .figures, .forms li, .pair .scroll { break-inside: avoid; }
  h2, h3, h2 + p, caption { break-after: avoid; }
  th button { display: none; }
  thead th::after { content: attr(data-title); font-weight: 600; }
  .hit { display: none; }
  .charts, .pair { grid-template-columns: 1fr 1fr; }
  .pair { grid-template-columns: 1fr; }
  .pair figure { max-width: 11cm; }
  figcaption b { color: #000; }
}
`;

export const STYLE = [BASE, FIGURES, TABLES, CHARTS, NARROW, PRINT].join('');
