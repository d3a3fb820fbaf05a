// The form of snapshot.json: lines that grep and jq can both read, and what is no such line.

import { expect } from 'chai';
import fc from 'fast-check';
import { codeNamed, FORGIVEN, maskOf } from '../../../src/blocks/events/codes.ts';
import { FAILURE } from '../../../src/blocks/events/failures.ts';
import { codeOf, stampOf, timeOf } from '../../../src/blocks/events/window.ts';
import type { Block, Watch } from '../../../src/blocks/table/block.ts';
import { ClientRecord } from '../../../src/blocks/table/record.ts';
import type { RecordState } from '../../../src/blocks/table/record-state.ts';
import type { Spared } from '../../../src/blocks/table/spared.ts';
import { parseRecord, recordLine } from '../../../src/state/snapshot/client-line.ts';
import { SnapshotDamage } from '../../../src/state/snapshot/damage.ts';
import { failuresOf } from '../../../src/state/snapshot/failure-users.ts';
import {
  headLine,
  parseHead,
  parseTail,
  SNAPSHOT_VERSION,
  type SnapshotHead,
  tailLine,
} from '../../../src/state/snapshot/head-tail.ts';
import { clientKey } from '../../../src/values/address.ts';
import { isoText } from '../../../src/values/iso-time.ts';
import { START } from '../../blocks/blocks-fixture.ts';

const HEAD: SnapshotHead = {
  version: SNAPSHOT_VERSION,
  written: isoText(START),
  auditSequence: 41,
  log: [{ type: 'file', path: '/var/log/mail.log', offset: 12 }],
  sessions: { open: [] },
  texts: ['No more logins.'],
};

const ALLOWED = { entry: '192.0.2.0/24', at: isoText(START), until: isoText(START), by: 'a', why: 'b' };

const time = fc.integer({ min: 1, max: 4_102_444_800_000 });
const key = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((address) => clientKey(address, 128, []) ?? ''),
  fc.ipV6().map((address) => clientKey(address, 64, []) ?? ''),
);
const block: fc.Arbitrary<Block> = fc
  .record({
    rule: fc.string({ unit: 'binary' }),
    since: time,
    until: time,
    count: fc.nat(10_000),
    refused: fc.nat(),
  })
  .chain((rest) =>
    fc.record({ firstRefused: time, lastRefused: time }).map((times) => {
      return rest.refused === 0 ? { ...rest, firstRefused: 0, lastRefused: 0 } : { ...rest, ...times };
    }),
  );
const watch: fc.Arbitrary<Watch> = fc.tuple(block, fc.boolean()).map(([one, ended]) => ({ ...one, ended }));
const spared: fc.Arbitrary<Spared> = fc.record({
  rule: fc.string({ unit: 'binary' }),
  reason: fc.constantFrom('share', 'breaker'),
  since: time,
  reportedAt: time,
  last: time,
  bad: fc.nat(),
  good: fc.nat(),
});
const event = fc.tuple(time, fc.nat(FORGIVEN)).map(([at, code]) => stampOf(at, code));
const events = fc.array(event, { maxLength: 12 }).map((stamps) => stamps.sort((a, b) => a - b));
const facts: fc.Arbitrary<Omit<RecordState, 'events'>> = fc.record(
  {
    floor: fc.oneof(fc.constant(0), time),
    block: fc.option(block, { nil: undefined }),
    watches: fc.option(fc.array(watch, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    grace: time,
    spared: fc.array(spared, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['floor', 'block', 'watches'] },
);
const state: fc.Arbitrary<RecordState> = fc
  .tuple(events, fc.array(fc.nat(2 ** 48 - 1)), facts)
  .map(([known, users, more]) => {
    const times = known.filter((stamp) => codeOf(stamp) === FAILURE).map(timeOf);
    const failures = failuresOf(known, users.slice(0, times.length));
    return { events: known, ...(failures && { failures }), ...more };
  });

function damageOf(read: () => unknown): SnapshotDamage {
  try {
    read();
  } catch (error) {
    if (error instanceof SnapshotDamage) return error;
    throw error;
  }
  throw new Error('no damage');
}

describe('state/snapshot/head-tail: snapshot lines', () => {
  it('are one whole JSON file, with one client a line', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(key, state), { selector: ([ip]) => ip, maxLength: 8 }),
        (clients) => {
          const lines = clients.map(([ip, one]) => recordLine(Object.assign(new ClientRecord(ip), one)));
          const text = `${headLine(HEAD)}${lines.join(',\n')}\n${tailLine({ tracked: lines.length, crc32: 7 })}`;
          const file = JSON.parse(text) as { ips: object };
          expect(file).to.deep.include({ ...HEAD, tracked: clients.length });
          expect(Object.keys(file.ips)).to.have.members(clients.map(([ip]) => ip));
          expect(text.trimEnd().split('\n')).to.have.lengthOf(Math.max(1, lines.length) + 2);
        },
      ),
    );
  });

  it('give back each client as it was', () => {
    fc.assert(
      fc.property(key, state, fc.boolean(), (ip, one, isLast) => {
        const line = recordLine(Object.assign(new ClientRecord(ip), one));
        expect(parseRecord(isLast ? line : `${line},`, 7)).to.deep.equal({ key: ip, state: one });
      }),
      { numRuns: 1000 },
    );
  });

  it('give back the head, the number of clients and the checksum', () => {
    expect(parseHead(headLine(HEAD).trimEnd())).to.deep.include(HEAD);
    for (const crc32 of [0, 7, 0xffff_ffff])
      expect(parseTail(tailLine({ tracked: 12, trackedGood: 3, crc32 }).trim(), 9)).to.deep.equal({
        tracked: 12,
        trackedGood: 3,
        crc32,
      });
    expect(parseTail('},"tracked":12}', 9), 'an older file').to.deep.equal({ tracked: 12, crc32: undefined });
  });

  it('say in words and ISO 8601 what support asks for', () => {
    const record = Object.assign(new ClientRecord('192.0.2.1'), {
      block: {
        rule: 'auth',
        since: START,
        until: START + 1000,
        count: 3,
        refused: 1,
        firstRefused: START,
        lastRefused: START,
      },
      floor: START - 1000,
      events: [stampOf(START, codeNamed('auth-failure')), stampOf(START, codeNamed('milter'))],
    });
    const now = '2025-03-04T05:06:07.890Z';
    expect(JSON.parse(`{${recordLine(record)}}`)).to.deep.equal({
      '192.0.2.1': {
        block: {
          rule: 'auth',
          since: now,
          until: '2025-03-04T05:06:08.890Z',
          count: 3,
          refused: 1,
          firstRefused: now,
          lastRefused: now,
        },
        ignoredBefore: '2025-03-04T05:06:06.890Z',
        events: { 'auth-failure': [now], milter: [now] },
      },
    });
  });

  it('of release 1.0, without classes, are read: their events count for rules that count the kind', () => {
    const line = `"192.0.2.1":{"events":{"rejected-recipient":["2025-03-04T05:06:07.890Z"]}}`;
    const { events } = parseRecord(line, 2).state;
    expect(events).to.deep.equal([stampOf(START, codeNamed('rejected-recipient'))]);
    expect(maskOf(['rejected-recipient']) & (1 << codeNamed('rejected-recipient'))).not.to.equal(0);
    expect(maskOf(['unknown-recipient']) & (1 << codeNamed('rejected-recipient'))).to.equal(0);
    expect(parseHead(headLine({ ...HEAD, version: 1 }).trimEnd())).to.include({ version: 1 });
  });

  const badHeads: readonly [line: string, code: SnapshotDamage['code'], why: string][] = [
    ['', 'damaged', 'an empty line'],
    ['{"version":1,"log":[', 'damaged', 'half a head'],
    [headOf({ version: SNAPSHOT_VERSION + 1 }), 'foreign-version', 'a later version'],
    [headOf({ version: 0 }), 'foreign-version', 'an earlier version'],
    [headOf({ version: '1' }), 'damaged', 'a version that is no number'],
    [headOf({ version: undefined }), 'damaged', 'no version'],
    [headOf({ log: undefined }), 'damaged', 'no log positions'],
    [headOf({ log: {} }), 'damaged', 'log positions that are no list'],
    [headOf({ texts: [3] }), 'damaged', 'a text that is none'],
    [headOf({ numbers: 7 }), 'damaged', 'numbers that are no map'],
    [headOf({ numbers: null }), 'damaged', 'no numbers where they belong'],
    [headOf({ auditSequence: null }), 'damaged', 'no audit sequence'],
    [headOf({ auditSequence: 0.5 }), 'damaged', 'half an audit sequence'],
    [headOf({ written: 'yesterday' }), 'damaged', 'no time'],
    [headOf({ allowed: [{ ...ALLOWED, until: 'x' }] }), 'damaged', 'an allowed network without an end'],
    [headOf({ allowed: [{ ...ALLOWED, entry: 'mail.example.com' }] }), 'damaged', 'an allowed name'],
    [headOf({ allowed: [null] }), 'damaged', 'an allowed network that is none'],
  ];
  for (const [line, code, why] of badHeads) {
    it(`refuse as ${code} a head with ${why}`, () => {
      const damage = damageOf(() => parseHead(line));
      expect(damage.code).to.equal(code);
      expect(damage.message).to.match(
        code === 'damaged' ? /^line 1: expected / : /^version .*reads 1, 2, 3$/,
      );
    });
  }

  const badRecords: readonly [line: string, why: string][] = [
    ['"__proto__":{}', 'a client that is no address'],
    ['"::1/129":{}', 'a client of more bits than there are'],
    ['"2001:db8::1/64":{}', 'a client under another key than its own'],
    ['"192.0.2.1":{"watching":{}}', 'watched blocks that are no list'],
    [blockLine('"count":1e999'), 'a count without end, which cannot be written again'],
    [blockLine('"count":3,"refused":-1'), 'a negative number of refusals'],
    [blockLine('"count":3,"refused":0,"hand":{"by":3,"why":""}'), 'nobody by whose hand'],
    [blockLine('"count":3,"refused":0,"counts":{"auth-failure":1e999}'), 'counts without end'],
    [blockLine('"count":3,"refused":0,"mails":[{"stage":"RCPT"}]'), 'a mail without its time'],
    ['"192.0.2.1":{"evidence":[{"kind":"auth-failure","line":""}]}', 'evidence without its time'],
    ['"192.0.2.1":{"evidence":[{"at":"2025-03-04T05:06:07.890Z","kind":"x"}]}', 'evidence of no kind'],
    ['"192.0.2.1":{"events":{"auth-failure":["+275760-09-13T00:00:00.000Z"]}}', 'a time that cannot be kept'],
    ['', 'nothing'],
    ['"192.0.2.1":{', 'half a client'],
    ['"192.0.2.1":3', 'a number for a client'],
    ['"192.0.2.1":[]', 'a list for a client'],
    ['"192.0.2.1":null', 'null for a client'],
    ['"192.0.2.1":{}}', 'a brace too many'],
    ['"192.0.2.1":{"block":3}', 'a block that is none'],
    [
      '"192.0.2.1":{"block":{"rule":"r","since":"x","until":"2025-01-01T00:00:00.000Z"}}',
      'a block without a time',
    ],
    ['"192.0.2.1":{"block":{"since":"2025-01-01T00:00:00.000Z"}}', 'a block without a rule'],
    ['"192.0.2.1":{"watching":[null]}', 'a watched block that is none'],
    ['"192.0.2.1":{"ignoredBefore":12}', 'a time that is a number'],
    ['"192.0.2.1":{"events":[]}', 'events without kinds'],
    ['"192.0.2.1":{"events":{"no-such-kind":[]}}', 'an unknown kind'],
    ['"192.0.2.1":{"events":{"auth-failure":"2025-01-01T00:00:00.000Z"}}', 'a time for a list of times'],
    ['"192.0.2.1":{"events":{"auth-failure":["yesterday"]}}', 'a time that is none'],
    ['"192.0.2.1":{"forgiven":3}', 'forgiven failures that are no list'],
    ['"192.0.2.1":{"forgiven":["yesterday"]}', 'a forgiven failure without a time'],
    ['"192.0.2.1":{"users":["alice"]}', 'a user that is no number'],
    ['"192.0.2.1":{"users":{}}', 'users that are no list'],
    ['"192.0.2.1":{"spared":{}}', 'spared rules that are no list'],
    ['"192.0.2.1":{"spared":[{"rule":"r","reason":"mercy"}]}', 'no reason to spare'],
    [
      '"192.0.2.1":{"spared":[{"rule":"r","reason":"share","bad":1,"good":2}]}',
      'a spared rule without times',
    ],
    [
      '"192.0.2.1":{"spared":[{"rule":"r","reason":"share","bad":-1,"good":2}]}',
      'a negative number of events',
    ],
  ];
  for (const [line, why] of badRecords) {
    it(`name the line number for ${why}`, () => {
      const damage = damageOf(() => parseRecord(line, 1234));
      expect(damage.code).to.equal('damaged');
      expect(damage.message).to.match(/^line 1234: expected /);
    });
  }

  const badTails = [
    '"crc32":""',
    '"crc32":"0000000A"',
    '"crc32":"000000000"',
    '"crc32":7',
    '"brc32":"00000000"',
  ];
  for (const line of [
    '',
    '}',
    '},"tracked":"3"}',
    '},"tracked":3',
    'x',
    ...badTails.map((sum) => `},"tracked":3,${sum}}`),
  ]) {
    it(`refuse ${JSON.stringify(line)} for an end`, () =>
      expect(damageOf(() => parseTail(line, 5)).message).to.match(/^line 5: /));
  }

  it('are read from any text at all, or refused as damaged', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.json().map((json) => `"192.0.2.1":${json}`),
    );
    fc.assert(
      fc.property(text, (line) => {
        for (const read of [parseHead, parseRecord, parseTail]) {
          try {
            read(line, 1);
          } catch (error) {
            expect(error).to.be.instanceOf(SnapshotDamage);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function blockLine(numbers: string): string {
  const times = '"since":"2025-03-04T05:06:07.890Z","until":"2025-03-04T06:06:07.890Z"';
  return `"192.0.2.1":{"block":{"rule":"r",${times},${numbers}}}`;
}

function headOf(change: Readonly<Record<string, unknown>>): string {
  return headLine({ ...HEAD, ...change } as SnapshotHead).trimEnd();
}
