// The head of the page: what was replayed, where and when the page was made, the result, and the figures that matter.

import { html, type Markup, type Part } from '../../html/html.ts';
import { grouped, percentText } from '../../terminal/number-text.ts';
import { visible } from '../../terminal/text.ts';
import { utcText } from '../../terminal/time-text.ts';
import type { Report } from '../report/report.ts';
import { INCOMPLETE, policyWords, readWords, verdictWords } from '../text/sentences.ts';

/** How a page was made: its reader may have no other way to know. */
export interface Making {
  /** ms since 1970 */
  readonly at: number;
  /** name of the host that replayed the log, which need not be the mail server */
  readonly host: string;
  /** of postblock */
  readonly release: string;
}

const HOSTS_SHOWN = 5;

/** The title of the window, which is also the name that a browser gives to the printed page. */
export function titleOf({ read }: Report): string {
  const { from, to } = read;
  const hosts = hostsText(read);
  const span = from === null || to === null ? [] : [`${from.slice(0, 10)} to ${to.slice(0, 10)}`];
  const about = [...(hosts === '' ? [] : [hosts]), ...span].join(', ');
  return about === '' ? 'postblock replay' : `postblock replay: ${about}`;
}

export function headSection(report: Report, making: Making): Markup {
  const words = verdictWords(report);
  return html`<header>
<h1>What these rules would have done</h1>
${report.read.isComplete ? '' : html`<p class="alert">${INCOMPLETE}</p>`}
${words.map((text) => html`<p class="verdict">${text}</p>`)}
${keyFigures(report)}
${facts(report, making)}
</header>
`;
}

function facts(report: Report, { at, host, release }: Making): Markup {
  const { read } = report;
  const [span = '', amount = ''] = readWords(read);
  const hosts = hostsText(read);
  const made = `${utcText(new Date(at).toISOString())} on ${visible(host)} by postblock ${release}. All times are in UTC.`;
  const named: readonly (readonly [string, Part])[] = [
    ...(hosts === '' ? [] : [[read.hosts.length === 1 ? 'Host' : 'Hosts', hosts] as const]),
    ['Log', html`${span}<br>${amount}`],
    ['Policy', policyWords(report)],
    ['Made', made],
  ];
  return html`<dl class="facts">${named.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function hostsText({ hosts }: Report['read']): string {
  const shown = hosts.slice(0, HOSTS_SHOWN).map(visible).join(', ');
  return hosts.length > HOSTS_SHOWN ? `${shown} and others` : shown;
}

function keyFigures({ total, cost }: Report): Markup {
  const stopped = percentText(total.stopped, total.counted);
  const figures: readonly (readonly [string, string])[] = [
    ['blocks', grouped(total.blocks)],
    ['of counted events stopped', stopped || 'no events'],
    ['mails accepted', cost.isKnown ? grouped(cost.accepted) : 'not known'],
    ['accepted mails lost', cost.isKnown ? grouped(cost.lost) : 'not known'],
    ['IPs that would have lost mail', cost.isKnown ? grouped(cost.ips) : 'not known'],
  ];
  return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
