// Times for people: local beside UTC, to the minute, and how long ago or ahead they are.

import { DAY, durationText, HOUR, MINUTE } from '../values/duration.ts';
import { minuteText } from '../values/iso-time.ts';
import { cut, unbroken, visible } from './text.ts';
import { localSeconds, zoneName } from './zone.ts';

export interface TimeOptions {
  /** ms since 1970 */
  readonly now: number;
  /** IANA name of the time zone; undefined: UTC */
  readonly zone?: string | undefined;
}

/** Day and minute of `2026-11-24 19:09 CET`. */
const DATE = 10;
const TIME = 16;

/** `2026-11-24 19:09 UTC`, or `2026-11-24 20:09 CET (19:09 UTC)`; a text that is not a time is cut. */
export function momentText(iso: string, options: TimeOptions): string {
  return besideText(partsOf(iso, options, Math.floor));
}

/** As momentText, but rounded up to the minute, as `{until}` in a rule's message is. */
export function endText(iso: string, options: TimeOptions): string {
  return besideText(partsOf(iso, options, Math.ceil));
}

/** As momentText, for parentheses: `2026-11-24 20:09 CET, 19:09 UTC` */
export function enclosedText(iso: string, options: TimeOptions): string {
  return partsOf(iso, options, Math.floor).join(', ');
}

/** `2026-11-24 19:09 UTC (5m ago)`, or `2026-11-24 20:09 CET (19:09 UTC, 5m ago)` */
export function pastText(iso: string, options: TimeOptions): string {
  const [own, ...utc] = partsOf(iso, options, Math.floor);
  return besideText([own, [...utc, `${timeSince(iso, options.now)} ago`].join(', ')]);
}

/** `ends in 1d 4h (2026-11-25 23:10 UTC)`: the minutes from now to that end, as clocks show both. */
export function endsIn(iso: string, options: TimeOptions): string {
  const end = partsOf(iso, options, Math.ceil).join(', ');
  return besideText([`ends in ${unbroken(timeTo(iso, options.now))}`, end]);
}

/** `11-23 23:09:21`: the time of a row of a table. */
export function rowTime(iso: string, zone?: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return cut(visible(iso), 14);
  return zone === undefined ? utcSeconds(ms).slice(5) : localSeconds(ms, zone).slice(5);
}

/** The zone of rowTime, for the title of its column: `UTC`, or `CET` where that is the zone of all. */
export function zoneTitle(times: readonly string[], zone?: string): string {
  if (zone === undefined) return 'UTC';
  const known = times.map((iso) => Date.parse(iso)).filter((ms) => !Number.isNaN(ms));
  const [name = 'local', other] = new Set(known.map((ms) => zoneName(ms, zone)));
  return other === undefined ? name : 'local';
}

/** `2026-11-24 19:09 UTC`, kept on one line; a text that is not a time is cut to the same width. */
export function utcText(iso: string): string {
  return partsOf(iso, {}, Math.floor)[0];
}

export function isOver(iso: string, now: number): boolean {
  return Date.parse(iso) <= now;
}

/** In whole minutes: added to the minute that a clock shows now, they give the minute of endText. Of days, in whole hours. */
export function timeTo(iso: string, now: number): string {
  const left = Math.ceil(Date.parse(iso) / MINUTE) * MINUTE - Math.floor(now / MINUTE) * MINUTE;
  return durationText(left < DAY ? left : left - (left % HOUR));
}

export function timeSince(iso: string, now: number): string {
  return unbroken(durationText(now - Date.parse(iso)));
}

function besideText([text, beside]: readonly string[]): string {
  return beside === undefined ? (text ?? '') : `${text} ${unbroken(`(${beside})`)}`;
}

/** The time, and beside a local one that of UTC, with the day where it is another. */
function partsOf(
  iso: string,
  { zone }: Pick<TimeOptions, 'zone'>,
  round: (minutes: number) => number,
): readonly [string, ...string[]] {
  const ms = round(Date.parse(iso) / MINUTE) * MINUTE;
  if (Number.isNaN(ms)) return [cut(visible(iso), 20)];
  const utc = minuteText(ms);
  if (zone === undefined) return [unbroken(utc)];
  const local = localSeconds(ms, zone);
  const isOneDay = local.slice(0, DATE) === utc.slice(0, DATE);
  return [
    unbroken(`${local.slice(0, TIME)} ${zoneName(ms, zone)}`),
    unbroken(utc.slice(isOneDay ? DATE + 1 : 'YYYY-'.length)),
  ];
}

function utcSeconds(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
