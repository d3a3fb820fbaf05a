// Logs of every form that a replay reads: alone, together in one file, compressed, and with unreadable lines between.

import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { LogRecord } from '../../../src/maillog/syslog/record.ts';
import { zoneOf } from '../../../src/maillog/syslog/zone.ts';
import { describeReal, XZ } from '../../harness/real.ts';
import { RUNTIMES } from '../../maillog/syslog/containers.ts';
import { AT, FORMS, lineOf } from '../../maillog/syslog/headers.ts';
import { file, numbersOf, Reading, range } from './inputs.ts';

function message(number: number): string {
  return `disconnect from a[192.0.2.1] commands=${number}`;
}

function entry(number: number, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    __CURSOR: `c${number}`,
    __REALTIME_TIMESTAMP: `${AT * 1000}`,
    _HOSTNAME: 'mx',
    SYSLOG_IDENTIFIER: 'postfix/smtpd',
    SYSLOG_PID: '4711',
    MESSAGE: message(number),
    ...more,
  });
}

/** By name, what writes the nth line. */
const WRITERS: readonly (readonly [what: string, write: (number: number) => string])[] = [
  ...FORMS.map((form) => [form.what, (number: number) => lineOf(form, message(number))] as const),
  ...RUNTIMES.map(
    ({ what, write }) =>
      [
        what,
        (number: number) =>
          write(`Nov 23 10:20:30 mx postfix/smtpd[4711]: ${message(number)}`, AT, 'stdout', true),
      ] as const,
  ),
  ['journalctl -o json', entry] as const,
  [
    'journalctl -o json, of a container',
    (number: number) =>
      entry(number, {
        SYSLOG_IDENTIFIER: 'f5a2d7a5e9c0',
        CONTAINER_ID: 'f5a2d7a5e9c0',
        MESSAGE: `Nov 23 23:59:59 mx postfix/smtpd[4711]: ${message(number)}`,
      }),
  ] as const,
];

/** All records of one input, in UTC. */
async function read(content: string | Buffer): Promise<{ records: LogRecord[]; unreadable: string[] }> {
  const reading = new Reading();
  Object.assign(reading, { zone: zoneOf('UTC') });
  const records = await reading.all(file(content, { date: AT }));
  return { records, unreadable: reading.unreadable };
}

const mixed = WRITERS.map(([, write], i) => write(i + 1));

describe('replay/input/forms: forms of logs', () => {
  for (const [what, write] of WRITERS) {
    it(`reads a log of one form: ${what}`, async () => {
      const lines = range(1, 30).map(write);
      for (const text of [lines.join('\n'), lines.join('\r\n'), `${lines.join('\n')}\n`]) {
        const { records, unreadable } = await read(text);
        expect(numbersOf(records)).to.deep.equal(range(1, 30));
        for (const { at } of records) expect(Math.floor(at / 1000)).to.equal(AT / 1000);
        expect(unreadable).to.deep.equal([]);
      }
    });
  }

  it('reads all forms in one file, in any order', async () => {
    for (const lines of [mixed, mixed.toReversed()]) {
      const { records, unreadable } = await read(lines.join('\n'));
      const numbers = numbersOf(records);
      expect(numbers.toSorted((a, b) => a - b)).to.deep.equal(range(1, mixed.length));
      expect(unreadable).to.deep.equal([]);
    }
  });

  it('reads them compressed', async () => {
    const { records } = await read(gzipSync(mixed.join('\n')));
    expect(numbersOf(records)).to.deep.equal(range(1, mixed.length));
  });

  it('reports unreadable lines between them, each once', async () => {
    const bad = ['junk', '{"log":', '{}', 'Nov 31 10:20:30 mx postfix/smtpd[1]: x', 'x postfix/smtpd[1]: x'];
    const lines = mixed.flatMap((line, i) => [line, bad[i % bad.length] ?? '']);
    const { records, unreadable } = await read(lines.join('\n'));
    expect(numbersOf(records)).to.deep.equal(range(1, mixed.length));
    expect([...new Set(unreadable)].sort()).to.deep.equal(bad.toSorted());
    expect(unreadable).to.have.length(mixed.length);
  });

  it('knows when a log of each form begins', async () => {
    for (const [what, write] of WRITERS) {
      const reading = new Reading();
      Object.assign(reading, { zone: zoneOf('UTC') });
      const early = file(write(1), { name: 'early.log', date: AT });
      const late = file(
        `${range(2, 3)
          .map((n) => lineOf({ what: '', before: `2026-11-23T10:20:3${n}Z mx `, host: 'mx' }, message(n)))
          .join('\n')}\n`,
        { name: 'late.log', date: AT },
      );
      expect(numbersOf(await reading.merged([late, early])), what).to.deep.equal([1, 2, 3]);
    }
  });

  describeReal('with xz', XZ, () => {
    it('reads them compressed by it', async () => {
      const { records } = await read(execFileSync('xz', ['-c'], { input: mixed.join('\n') }));
      expect(numbersOf(records)).to.deep.equal(range(1, mixed.length));
    });
  });
});
