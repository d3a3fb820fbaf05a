// The short way to read a client's line gives what JSON gives, or leaves the line to it.

import { expect } from 'chai';
import fc from 'fast-check';
import { codeOfText, NAMES } from '../../../src/blocks/events/codes.ts';
import { FAILURE } from '../../../src/blocks/events/failures.ts';
import { codeOf, stampOf } from '../../../src/blocks/events/window.ts';
import { textOf } from '../../../src/blocks/table/key-words.ts';
import { parseRecord } from '../../../src/state/snapshot/client-line.ts';
import { failuresOf, usersText } from '../../../src/state/snapshot/failure-users.ts';
import { eventsText, parseCountedLine } from '../../../src/state/snapshot/fast-line.ts';
import { START } from '../../blocks/blocks-fixture.ts';

const events = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 1e7 }), code: fc.nat(NAMES.length - 1) }), {
    minLength: 1,
  })
  .map((all) => all.map(({ at, code }) => stampOf(START + at, code)).sort((a, b) => a - b));

const TIME = '2026-11-23T10:00:00.000Z';
const LINE = `"192.0.2.1":{"events":{"auth-failure":["${TIME}"]}}`;

/** What JSON makes of a line, sorted as a window is. */
function byJson(line: string): { key: string; events: number[] } {
  const [entry] = Object.entries(JSON.parse(`{${line.replace(/,$/, '')}}`));
  const [key = '', value] = entry ?? [];
  const kinds = Object.entries((value as { events: Record<string, string[]> }).events);
  const stamps = kinds.flatMap(([kind, times]) =>
    times.map((time) => stampOf(Date.parse(time), codeOfText(kind))),
  );
  return { key, events: stamps.sort((a, b) => a - b) };
}

/** What is read of a line that stands in the middle of a file. */
function read(line: string): { key: string; events: readonly number[] } | undefined {
  const bytes = Buffer.from(`}}\n${line}\n"}}`);
  const entry = parseCountedLine(bytes, 3, bytes.length - 4);
  if (entry === undefined) return undefined;
  const { key, state } = entry;
  expect(state).to.deep.include({ floor: 0, block: undefined, watches: undefined });
  return { key: textOf(key), events: state.events };
}

describe('state/snapshot/fast-line', () => {
  it('gives back the events that were written, as JSON does', () => {
    fc.assert(
      fc.property(
        events,
        fc.constantFrom('192.0.2.1', '2001:db8::/64'),
        fc.constantFrom('', ','),
        (all, key, comma) => {
          const line = `"${key}":{"events":${eventsText(all)}}${comma}`;
          expect(read(line)).to.deep.equal({ key, events: all });
          expect(byJson(line)).to.deep.equal({ key, events: all });
        },
      ),
    );
  });

  it('gives back the users of failed logins, as JSON does', () => {
    const user = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 48 - 1 }));
    fc.assert(
      fc.property(events, fc.array(user), fc.constantFrom('', ','), (all, users, comma) => {
        const count = all.filter((stamp) => codeOf(stamp) === FAILURE).length;
        const failures = failuresOf(all, users.slice(0, count));
        const line = `"192.0.2.1":{"events":${eventsText(all)}${usersText(all, failures)}}${comma}`;
        const bytes = Buffer.from(line);
        const entry = parseCountedLine(bytes, 0, bytes.length);
        expect(entry?.state.failures).to.deep.equal(failures);
        expect(parseRecord(line, 1).state.failures).to.deep.equal(failures);
      }),
    );
  });

  it('leaves every other line alone', () => {
    const others: [string, string][] = [
      [LINE.slice(0, -1), 'one brace too few'],
      [`${LINE}}`, 'one brace too many'],
      [`${LINE},,`, 'two commas'],
      [` ${LINE}`, 'a blank before'],
      [LINE.replace('192.0.2.1', '192.0.2.256'), 'no address'],
      [LINE.replace('192.0.2.1', '__proto__'), 'no address'],
      [LINE.replace('192.0.2.1', '2001:DB8::/64'), 'an address in another form'],
      [LINE.replace('auth-failure', 'other'), 'an unknown kind'],
      [LINE.replace('10:00', '25:00'), 'no time'],
      [LINE.replace(`["${TIME}"]`, '[]'), 'no event'],
      [LINE.replace(']}}', `],"auth-failure":["${TIME}"]}}`), 'a kind twice'],
      [LINE.replace('{"events"', `{"ignoredBefore":"${TIME}","events"`), 'more than events'],
      [LINE.replace(']}}', ']},"graceUntil":1}'), 'more behind the events'],
      [LINE.replace(']}}', ']},"users":["0123456789AB"]}'), 'a user in capitals'],
      [LINE.replace(']}}', ']},"users":["0123456789a"]}'), 'a user that is too short'],
      [LINE.replace(']}}', ']},"users":[]}'), 'no users'],
      [LINE.replace(']}}', ']},"users":["0123456789ab"],"more":[]}'), 'more behind the users'],
      ['', 'nothing'],
    ];
    for (const [line, reason] of others) expect(read(line), reason).to.equal(undefined);
    expect(read(LINE)).to.not.equal(undefined);
  });

  it('reads no line that a change of one character made into another than JSON reads', () => {
    fc.assert(
      fc.property(fc.nat(LINE.length - 1), fc.constantFrom(...'0159.:-TZ"[]{},\\ '), (place, character) => {
        const line = LINE.slice(0, place) + character + LINE.slice(place + 1);
        const entry = read(line);
        if (entry !== undefined) expect(entry).to.deep.equal(byJson(line));
      }),
    );
  });
});
