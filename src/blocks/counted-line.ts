// The line in a snapshot of a client that is counted and no more: nearly all of a million are such.

import { isClientKey } from './address.ts';
import { KINDS, type Kind } from './event.ts';
import { ISO_LENGTH, isoText, isoTimeAt } from './iso.ts';
import { codeOf, timeOf, type Window } from './window.ts';

const EVENTS = '":{"events":{"';
const TIMES = '":["';
/** Longest client key: an IPv6 network. */
const MOST_KEY = 50;

export interface CountedClient {
  readonly key: string;
  readonly events: Window;
}

/** `{"rejected-recipient":["…",…],…}`, the kinds in the order of their codes */
export function eventsText(events: Window): string {
  let present = 0;
  for (const stamp of events) present |= 1 << codeOf(stamp);
  let text = '';
  for (const [code, kind] of KINDS.entries()) {
    if ((present >>> code) & 1) text += `${text === '' ? '' : ','}"${kind}":[${timesText(events, code)}]`;
  }
  return `{${text}}`;
}

/**
 * Reads `"KEY":{"events":{"KIND":["TIME",…],…}}`, a comma behind it or not, in a tenth of the time that JSON.parse and
 * its checks take. Whatever is not exactly of this form is left to them.
 *
 * @returns undefined for a line of another form, be it right or wrong
 */
export function parseCountedLine(line: string): CountedClient | undefined {
  const open = line.indexOf(EVENTS);
  if (line.charCodeAt(0) !== 34 || open < 1 || open > MOST_KEY) return undefined;
  const key = line.slice(1, open);
  const stamps = stampsAt(line, open + EVENTS.length);
  if (stamps === undefined || !isClientKey(key)) return undefined;
  return { key, events: stamps };
}

function timesText(events: Window, code: number): string {
  let text = '';
  for (const stamp of events) {
    if (codeOf(stamp) === code) text += `${text === '' ? '' : ','}"${isoText(timeOf(stamp))}"`;
  }
  return text;
}

/** The events from the first kind's name on to the end of the line. */
function stampsAt(line: string, from: number): Window | undefined {
  const stamps: number[] = [];
  let place = from;
  let kinds = 0;
  for (;;) {
    const name = line.indexOf(TIMES, place);
    const code = name < 0 ? -1 : KINDS.indexOf(line.slice(place, name) as Kind);
    // A kind that comes twice is an object with two equal keys: not ours.
    if (code < 0 || (kinds >>> code) & 1) return undefined;
    kinds |= 1 << code;
    place = timesAt(line, name + TIMES.length, code, stamps);
    if (place < 0) return undefined;
    if (!line.startsWith(',"', place)) break;
    place += 2;
  }
  const rest = line.length - place;
  const isWhole = line.startsWith('}}', place) && (rest === 2 || (rest === 3 && line.endsWith(',')));
  return isWhole ? sorted(stamps) : undefined;
}

/** Adds the times of one kind. @returns the place behind their bracket, or -1 */
function timesAt(line: string, from: number, code: number, stamps: number[]): number {
  for (let place = from; ; place += ISO_LENGTH + 3) {
    const at = isoTimeAt(line, place);
    if (Number.isNaN(at)) return -1;
    stamps.push(at * 8 + code);
    const end = place + ISO_LENGTH;
    if (line.startsWith('"]', end)) return end + 2;
    if (!line.startsWith('","', end)) return -1;
  }
}

/** In order, and with exactly the room that they take: push() reserves 17 places for the first. */
export function sorted(stamps: readonly number[]): Window {
  const exact = stamps.slice();
  return exact.length < 2 ? exact : exact.sort((a, b) => a - b);
}
