// The chart of the clients of a rule: their events by the part that abuse was of all that they did of its sort.

import { partOf } from '../../blocks/good/share.ts';
import { html, type Markup } from '../../html/html.ts';
import { counted, flooredPercent, grouped } from '../../terminal/number-text.ts';
import { visible } from '../../terminal/text.ts';
import { durationText } from '../../values/duration.ts';
import type { Report } from '../report/report.ts';
import type { SharePoint } from '../report/share-points.ts';
import type { OutstandingClient, ShareSpread } from '../report/share-tally.ts';
import { colorOf } from './color.ts';
import { type Box, type Labelled, placed, SAME } from './labels.ts';
import { linear, logarithmic, logarithmicTicks, type Scale } from './scale.ts';
import { bottomAxis, figure, leftAxis, type Plot, round, WIDTH } from './svg.ts';

const PLOT: Plot = { left: 56, right: WIDTH - 60, top: 24, bottom: 206 };
const HEIGHT = 246;
const ROOM_RIGHT = 1.3;
/** Room for the largest circle. */
const ROOM_LEFT = 0.75;
const MIN_RADIUS = 3;
const MAX_RADIUS = 13;
/** By which a circle grows for each power of ten of clients. */
const GROWTH = 2.5;
/** Labels on either side of the share; more would not fit. */
const MAX_LABELS = 3;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** What the vertical axis shows, and what one unit of all is called. */
const AXIS: Readonly<Record<ShareSpread['sort'], string>> = {
  recipients: 'rejected recipients, as a part of these and of recipients of accepted mail',
  messages: 'rejected messages, as a part of these and of accepted messages',
  connections: 'dropped connections, as a part of all that ended',
  logins: 'users that failed to log in, as a part of these and of users that logged in within a day',
};

/** No chart for a rule without clients. */
export function shareCharts({ shares, rules }: Report): Markup[] {
  return shares
    .filter(({ clients }) => clients > 0)
    .map((spread, i) => shareChart(spread, `share-${i}`, colorOf(spread.rule, rules)));
}

function shareChart(spread: ShareSpread, id: string, color: string): Markup {
  const { rule, sort, limit, share, points } = spread;
  const last = points.reduce((most, { events }) => Math.max(most, events), limit);
  const x = logarithmic([ROOM_LEFT, last * ROOM_RIGHT], [PLOT.left, PLOT.right]);
  const y = linear([0, 1], [PLOT.bottom, PLOT.top]);
  const within = durationText(spread.within * 1000);
  return figure(
    {
      id,
      color,
      caption: html`<b>${visible(rule)}</b> ${AXIS[sort]}`,
      title: `${visible(rule)}: clients by events in ${within} and by the part that was abuse`,
      description: descriptionOf(spread),
      height: HEIGHT,
    },
    [
      ...leftAxis(
        PLOT,
        y,
        TICKS.map((at) => ({ at, text: flooredPercent(at) })),
      ),
      blockedArea(x(limit), y(share)),
      ...bottomAxis(PLOT, x, logarithmicTicks(last * ROOM_RIGHT)),
      html`<text class="middle" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 4}">events of one IP in its busiest ${within}</text>`,
      ...[...points].sort((a, b) => radiusOf(b) - radiusOf(a)).map((point) => pointMark(point, x, y)),
      ...limitLines(spread, x, y),
      ...labels(spread, x, y),
    ],
  );
}

/** Where the limit is reached and the share is met. */
function blockedArea(left: number, bottom: number): Markup {
  return html`<path class="zone" d="M${round(left)} ${PLOT.top}H${PLOT.right}V${round(bottom)}H${round(left)}"/>`;
}

function pointMark(point: SharePoint, x: Scale, y: Scale): Markup {
  const { events, part, clients, isBlocked } = point;
  const about = clients === 1 ? '' : 'about ';
  const text = `${counted(clients, 'IP')}${isBlocked ? ', blocked' : ''}: ${about}${counted(Math.round(events), 'event')}, ${flooredPercent(part)} abuse`;
  return html`<circle class="${isBlocked ? 'point blocked' : 'point'}" cx="${round(x(events))}" cy="${round(y(part))}" r="${round(radiusOf(point))}"><title>${text}</title></circle>`;
}

function radiusOf({ clients }: SharePoint): number {
  return Math.min(MAX_RADIUS, MIN_RADIUS + GROWTH * Math.log10(clients));
}

function limitLines({ limit, share }: ShareSpread, x: Scale, y: Scale): Markup[] {
  const at = round(x(limit));
  const isRight = at > (PLOT.left + PLOT.right) * 0.6;
  const level = round(y(share));
  return [
    html`<path class="limit" d="M${at} ${PLOT.top - 8}V${PLOT.bottom}"/>`,
    html`<text class="strong ${isRight ? 'end' : 'start'}" x="${at + (isRight ? -5 : 5)}" y="${PLOT.top - 8}">limit ${grouped(limit)}</text>`,
    ...(share === 0
      ? []
      : [
          html`<path class="limit" d="M${PLOT.left} ${level}H${PLOT.right}"/>`,
          html`<text class="strong start" x="${PLOT.right + 5}" y="${level + 4}">${flooredPercent(share)}</text>`,
        ]),
  ];
}

/** Of outstanding clients, as far as there is room: the description has all of them. */
function labels({ outstanding, points, limit, share }: ShareSpread, x: Scale, y: Scale): Markup[] {
  const isAbove = (client: OutstandingClient) => partOf(client) >= (share === 0 ? 0.5 : share);
  const sides = [outstanding.filter((client) => !isAbove(client)), outstanding.filter(isAbove)];
  const labelled = sides.flatMap((side) => labelsOf(side, x, y).slice(0, MAX_LABELS));
  const inside = { ...PLOT, top: PLOT.top + 14, bottom: PLOT.bottom + 4 };
  const taken = [...points.map((point) => boxOf(point, x, y)), ...lineBoxes(x(limit), y(share))];
  return placed(labelled, inside, taken).map(
    ({ x, y, text }) => html`<text class="start" x="${round(x)}" y="${round(y)}">${text}</text>`,
  );
}

/** Clients that look like one have one label: the first of them, and how many more there are. */
function labelsOf(clients: readonly OutstandingClient[], x: Scale, y: Scale): Labelled[] {
  const groups: { x: number; y: number; ip: string; more: number }[] = [];
  for (const client of clients) {
    const place = { x: round(x(client.events)), y: round(y(partOf(client))) };
    const same = groups.find((group) => Math.hypot(group.x - place.x, group.y - place.y) < SAME);
    if (same === undefined) groups.push({ ...place, ip: client.ip, more: 0 });
    else same.more++;
  }
  return groups.map(({ x, y, ip, more }) => {
    return { x, y, label: `${visible(ip)}${more === 0 ? '' : ` +${more}`}`, isCurrent: false };
  });
}

function boxOf(point: SharePoint, x: Scale, y: Scale): Box {
  const [middle, level, radius] = [x(point.events), y(point.part), radiusOf(point)];
  return { left: middle - radius, right: middle + radius, top: level - radius, bottom: level + radius };
}

function lineBoxes(x: number, y: number): Box[] {
  return [
    { left: x - 1, right: x + 1, top: 0, bottom: PLOT.bottom },
    { left: PLOT.left, right: PLOT.right, top: y - 1, bottom: y + 1 },
  ];
}

function descriptionOf({ clients, limit, share, points, outstanding }: ShareSpread): string {
  const of = (isIn: (point: SharePoint) => boolean) =>
    points.reduce((sum, point) => sum + (isIn(point) ? point.clients : 0), 0);
  const reached = of(({ events }) => events >= limit);
  const spared = of(({ events, part }) => events >= limit && part < share);
  const below = share === 0 ? '' : `, ${grouped(spared)} of them below the share of ${flooredPercent(share)}`;
  const blocked = of(({ isBlocked }) => isBlocked);
  return [
    `${grouped(reached)} of ${counted(clients, 'IP')} reached the limit of ${grouped(limit)}${below}; blocked: ${grouped(blocked)}.`,
    ...outstanding.map(clientWords),
  ].join(' ');
}

function clientWords(client: OutstandingClient): string {
  const { ip, name, events, isBlocked } = client;
  const who = name === null ? visible(ip) : `${visible(ip)} ${visible(name)}`;
  return `${who}: ${counted(events, 'event')}, ${flooredPercent(partOf(client))} abuse${isBlocked ? ', blocked' : ''}.`;
}
