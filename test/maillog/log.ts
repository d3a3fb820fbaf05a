// Log lines for tests, and what the log reader makes of them.

import type { Detail, EventClass, LogEvent } from '../../src/blocks/events/event.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { clientKey } from '../../src/values/address.ts';
import { parseLine } from './parse-line.ts';

/** The moment at which test logs begin. */
export const START = Date.UTC(2026, 10, 23, 10);

/** The shipped texts of policy.yml, as far as tests of the log need them. */
export const OWN_TEXT = 'Your IP is sending excessive rejected recipients. Please contact support.';

/** A line of `postfix/PROGRAM[PID]`, by default of an smtpd process, `second` seconds after START. */
export function line(message: string, program = 'smtpd', pid = 101, second = 0): string {
  return `${new Date(START + second * 1000).toISOString()} mx postfix/${program}[${pid}]: ${message}`;
}

/** A reader that knows our own refusals. */
export function newReader(): LogReader {
  const reader = new LogReader();
  reader.texts.add([OWN_TEXT]);
  return reader;
}

/** A reader that reads what clients do well too. */
export function goodReader(): LogReader {
  const reader = newReader();
  reader.readsGood = true;
  return reader;
}

/** An event with its detail worked out. */
export type DetailedEvent = Omit<LogEvent, 'detail'> & {
  readonly class?: EventClass | undefined;
  readonly detail: Detail | undefined;
};

/** The abuse that the lines give, refusals of ours, and what clients do well if the reader reads it. */
export function eventsOf(lines: readonly string[], reader = newReader()): DetailedEvent[] {
  const stamps = new StampReader();
  const events: DetailedEvent[] = [];
  for (const text of lines) {
    const record = parseLine(text, stamps, START);
    if (record !== undefined)
      reader.read(record, (event) => {
        events.push({ ...event, detail: event.detail?.() });
      });
  }
  return events;
}

/** The events of the lines, `KIND ADDRESS`; an event without a valid address belongs to no client. */
export function charges(lines: readonly string[], reader = newReader()): string[] {
  return eventsOf(lines, reader)
    .filter(({ kind, address }) => kind !== 'refusal' && clientKey(address, 128, []) !== undefined)
    .map(({ kind, address }) => `${kind} ${address}`);
}

/** As charges, with the class of each event that has one: `KIND/CLASS ADDRESS`. */
export function classified(lines: readonly string[], reader = newReader()): string[] {
  return eventsOf(lines, reader)
    .filter(({ kind, address }) => kind !== 'refusal' && clientKey(address, 128, []) !== undefined)
    .map((event) => `${event.kind}${event.class === undefined ? '' : `/${event.class}`} ${event.address}`);
}
