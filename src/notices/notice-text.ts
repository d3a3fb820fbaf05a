// The text of a notice: one line that says what happened, and a line for each of the first events.

import type { NoticeKind } from '../config/fields/notice-fields.ts';
import type { ChangeEvent, NoticeEvent } from './event.ts';
import { type Counts, totalOf } from './gathering.ts';

/** Events that the text names; more are counted. */
const MAX_NAMED = 10;

const NOUNS: Readonly<Record<NoticeKind, readonly [one: string, many: string]>> = {
  block: ['client blocked', 'clients blocked'],
  spared: ['client spared', 'clients spared'],
  end: ['block ended', 'blocks ended'],
  breaker: ['change of the breaker', 'changes of the breaker'],
  trouble: ['report of trouble', 'reports of trouble'],
};

/** One line for one event; of several, a line with their numbers, and one for each of the first. */
export function noticeText(host: string, events: readonly NoticeEvent[], counts: Counts): string {
  const [first] = events;
  const total = totalOf(counts);
  if (first !== undefined && total === 1) return `${host}: ${eventText(first)}`;
  const named = events.slice(0, MAX_NAMED).map((event) => `- ${eventText(event)}`);
  const more = total - named.length;
  return [`${host}: ${countsText(counts)}`, ...named, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

function countsText(counts: Counts): string {
  const parts = Object.entries(counts).map(([kind, count]) => {
    const [one, many] = NOUNS[kind as NoticeKind];
    return `${count} ${count === 1 ? one : many}`;
  });
  return parts.join(', ');
}

function eventText(event: NoticeEvent): string {
  if (event.event === 'trouble') {
    const { what, state, reason, since } = event;
    return state === 'began'
      ? `trouble ${what}: ${reason}`
      : `trouble ${what} is over (since ${minute(since)})`;
  }
  const { ip, rule } = event;
  if (event.event === 'block')
    return `${ip} is blocked by ${rule} until ${minute(event.until)}${byText(event)}`;
  if (event.event === 'end')
    return `the block of ${ip} by ${rule} has ended: ${event.reason}${byText(event)}`;
  if (event.event === 'spared')
    return `${ip} reached the limit of ${rule} and is not blocked: ${event.reason}`;
  if (event.state === 'closed') return `the breaker has closed: ${event.reason}${byText(event)}`;
  return `the breaker is open: ${event.blocked} of ${event.standing} clients in good standing reached a limit`;
}

/** Who did it, not why: a name of a user has no line break. */
function byText({ by }: ChangeEvent): string {
  return by === undefined ? '' : `, by ${by}`;
}

/** `2026-11-27T11:00:00.000Z` -> `2026-11-27 11:00 UTC` */
function minute(time = ''): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
