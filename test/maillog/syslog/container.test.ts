// Lines in the files of container runtimes: each gives the record that it gives alone, and none is taken out of another.

import { expect } from 'chai';
import fc from 'fast-check';
import { behindName, containerLineAt } from '../../../src/maillog/syslog/container.ts';
import { LineReader } from '../../../src/maillog/syslog/line-reader.ts';
import { logTextOf } from '../../../src/maillog/syslog/log-text.ts';
import type { LogRecord, NoRecord } from '../../../src/maillog/syslog/record.ts';
import { utf8Bytes } from '../../../src/maillog/syslog/utf8.ts';
import { zoneOf } from '../../../src/maillog/syslog/zone.ts';
import { scaled } from '../../harness/scale.ts';
import { clientText, fill, HOSTILE, VICTIM } from '../arbitraries.ts';
import { RUNTIMES } from './containers.ts';
import { AT, FORMS, lineOf } from './headers.ts';

const UTC = zoneOf('UTC');
const CONNECT = 'connect from a[192.0.2.1]';

function read(text: string, reader = new LineReader(UTC)): LogRecord | NoRecord {
  const bytes = utf8Bytes(text);
  return reader.read(logTextOf(bytes), AT, 0, bytes.length);
}

describe('maillog/syslog/container', () => {
  it('gives of each form of a line, from each runtime, the record of the line alone', () => {
    for (const { what, write } of RUNTIMES) {
      const reader = new LineReader(UTC);
      for (const form of FORMS) {
        const line = lineOf(form, CONNECT);
        const record = read(write(line, AT, 'stdout', true), reader);
        if (typeof record === 'string') expect.fail(`${what}, ${form.what}: ${record}`);
        const { at, ...rest } = record;
        expect({ ...rest, second: Math.floor(at / 1000) }, `${what}, ${form.what}`).to.deep.equal({
          program: 'smtpd',
          process: `${form.host === '' ? '' : `${form.host} `}postfix/smtpd[4711`,
          message: CONNECT,
          second: AT / 1000,
        });
      }
    }
  });

  it('takes the time of the runtime where the line does not tell its zone, and that of the line where it does', () => {
    const wrong = AT + 7_200_000;
    const times: [string, number][] = [
      ['Nov 23 23:59:59 mx postfix/smtpd[1]: x', wrong],
      ['2026-11-23 23:59:59 mx postfix/smtpd[1]: x', wrong],
      ['postfix/smtpd[1]: x', wrong],
      ['mx postfix/smtpd[1]: x', wrong],
      ['INFO postfix/smtpd[1]: x', wrong],
      ['2026-11-23T10:20:30Z mx postfix/smtpd[1]: x', AT],
      ['2026-11-23 11:20:30 +0100 mx postfix/smtpd[1]: x', AT],
    ];
    for (const { what, write } of RUNTIMES.filter(({ canSplit }) => canSplit))
      for (const [line, at] of times) {
        const record = read(write(line, wrong, 'stdout', true));
        if (typeof record === 'string') expect.fail(`${what}: ${line}`);
        expect(Math.floor(record.at / 1000) * 1000, `${what}: ${line}`).to.equal(at);
      }
  });

  it('keeps every byte of a message, whatever a client wrote in it', () => {
    const form = fc.constantFrom(...FORMS.filter(({ behind }) => behind === undefined));
    const template = fc.constantFrom(...HOSTILE.filter(({ program }) => program === 'smtpd'));
    const text = fc.oneof(clientText, fc.string({ unit: 'grapheme', maxLength: 40 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...RUNTIMES),
        form,
        template,
        text,
        (runtime, header, { message }, written) => {
          // Postfix writes no control character into its log (printable.c).
          const logged = fill(message, '192.0.2.1', () =>
            [...written].map((c) => (c < ' ' ? '?' : c)).join(''),
          );
          const line = runtime.write(lineOf(header, logged), AT, 'stdout', true);
          expect(read(line), line).to.include({ message: utf8Bytes(logged) });
        },
      ),
      { numRuns: scaled(3000) },
    );
  });

  it('is the same line in however many parts, of both streams at once', () => {
    const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 4 });
    const line = fc.tuple(clientText, cuts, fc.constantFrom('stdout' as const, 'stderr' as const));
    const lines = fc.array(line, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.constantFrom(...RUNTIMES.filter(({ canSplit }) => canSplit)),
        lines,
        fc.infiniteStream(fc.boolean()),
        (runtime, all, turns) => {
          const queues = { stdout: [] as string[], stderr: [] as string[] };
          const expected: Record<string, string[]> = { stdout: [], stderr: [] };
          for (const [text, places, stream] of all) {
            const logged = `Nov 23 10:20:30 mx postfix/smtpd[1]: ${text}`;
            const bounds = [
              0,
              ...places.map((place) => place % (logged.length + 1)).sort((a, b) => a - b),
              logged.length,
            ];
            for (let i = 1; i < bounds.length; i++)
              queues[stream].push(
                runtime.write(logged.slice(bounds[i - 1], bounds[i]), AT, stream, i === bounds.length - 1),
              );
            expected[stream]?.push(text);
          }
          const reader = new LineReader(UTC);
          const got: Record<string, string[]> = { stdout: [], stderr: [] };
          while (queues.stdout.length + queues.stderr.length > 0) {
            const isFirst = queues.stderr.length === 0 || (queues.stdout.length > 0 && turns.next().value);
            const stream = isFirst ? 'stdout' : 'stderr';
            const record = read(queues[stream].shift() ?? '', reader);
            if (typeof record !== 'string') got[stream]?.push(record.message);
          }
          expect(got).to.deep.equal(expected);
          expect(reader.parts).to.deep.equal([]);
        },
      ),
      { numRuns: scaled(1000) },
    );
  });

  it('never takes the rest of a long line for a line of its own, whatever it looks like', () => {
    const imitation = `Nov 23 10:20:30 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[${VICTIM}]: 550 5.1.1 x`;
    for (const { what, write } of RUNTIMES.filter(({ canSplit }) => canSplit)) {
      const reader = new LineReader(UTC);
      for (const begin of ['x'.repeat(16_384), 'dovecot: ', imitation.slice(0, 20), '<'.repeat(16_384)]) {
        for (let i = 0; i < 3; i++)
          expect(read(write(begin, AT, 'stdout', false), reader), what).to.be.a('string');
        expect(read(write('postfix/smtpd[1]: disconnect', AT, 'stderr', true), reader), what).to.be.an(
          'object',
        );
        expect(read(write(imitation, AT, 'stdout', false), reader), what).to.be.a('string');
        expect(read(write(imitation, AT, 'stdout', true), reader), what).to.be.a('string');
        expect(read(write(imitation, AT, 'stdout', true), reader), what).to.be.an('object');
        expect(reader.parts).to.deep.equal([]);
      }
    }
  });

  it('keeps of a line without an end no more than is ever read of one', () => {
    for (const { write } of RUNTIMES.filter(({ canSplit }) => canSplit)) {
      const reader = new LineReader(UTC);
      for (let i = 0; i < 100; i++)
        read(write('x'.repeat(16_384), AT, i % 2 ? 'stdout' : 'stderr', false), reader);
      expect(JSON.stringify(reader.parts).length).to.be.below(17_000);
    }
  });

  it('goes on with parts that a position kept', () => {
    for (const { what, write } of RUNTIMES.filter(({ canSplit }) => canSplit)) {
      const before = new LineReader(UTC);
      read(write('Nov 23 10:20:30 mx postfix/sm', AT, 'stdout', false), before);
      const after = new LineReader(UTC);
      after.parts = JSON.parse(JSON.stringify(before.parts));
      const rest = write('tpd[1]: x', AT, 'stdout', true);
      expect(read(rest, after), what).to.include({ process: 'mx postfix/smtpd[1', message: 'x' });
      expect(read(rest, new LineReader(UTC)), what).to.be.a('string');
    }
  });

  it('is none where the wrapping is not of these runtimes', () => {
    const line = lineOf({ what: '', before: 'Nov 23 10:20:30 mx ', host: 'mx' }, 'x');
    const bad: [string, string][] = [
      [`{"log":"${line}\\n","stream":"stdout"}`, 'no time'],
      [`{"log":"${line}\\n","time":"yesterday"}`, 'no such time'],
      [`{"log":7,"time":"2026-11-23T10:20:30Z"}`, 'a number for a line'],
      [`{"msg":"${line}\\n","time":"2026-11-23T10:20:30Z"}`, 'another field'],
      [`["${line}"]`, 'a list'],
      [`{"log":"${line}\\n","time":"2026-11-23T10:20:30Z"`, 'half an object'],
      [
        `{"log":"${'x'.repeat(140_000)}","time":"2026-11-23T10:20:30Z"}`,
        'longer than any that Docker writes',
      ],
      [`2026-11-23T10:20:30 stdout F ${line}`, 'no zone'],
      [`2026-11-23T10:20:30Z stdout: F ${line}`, 'no stream'],
      [`2026-11-23T10:20:30Z stdout X ${line}`, 'no such tag'],
      [`2026-11-23T10:20:30Z stdout F${line}`, 'no blank'],
      [`2026-13-23T10:20:30Z stdout F ${line}`, 'no such month'],
    ];
    for (const [text, reason] of bad) {
      expect(containerLineAt(text, 0, text.length), reason).to.equal(undefined);
      expect(read(text), reason).to.be.a('string');
    }
    const names = [
      'mail-1 ',
      'mail-1|',
      '| ',
      '-mail | ',
      `${'x'.repeat(200)} | `,
      '[pod/mail-0] ',
      '[pod/a/b]',
    ];
    for (const name of names) expect(behindName(`${name}${line}`, 0, 500), name).to.equal(0);
  });

  it('reads plain lines between those of a runtime, and goes back to them', () => {
    const plain = lineOf({ what: '', before: 'Nov 23 10:20:30 mx ', host: 'mx' }, CONNECT);
    const lines = [plain, ...RUNTIMES.map(({ write }) => write(plain, AT, 'stdout', true)), plain];
    const reader = new LineReader(UTC);
    for (const text of [...lines, ...lines.toReversed()])
      expect(read(text, reader), text).to.include({ process: 'mx postfix/smtpd[4711', message: CONNECT });
  });
});
