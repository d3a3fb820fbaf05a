// The daemon's own log: its lines, levels and files, and its bound on what others can cause.

import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { LogSpec } from '../../../src/config/fields/log-fields.ts';
import { type Details, LineLog } from '../../../src/daemon/log/line-log.ts';
import { MINUTE } from '../../../src/values/duration.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { SEED, scaled } from '../../harness/scale.ts';

const NOON = Date.UTC(2026, 10, 23, 12);
const STAMP = '2026-11-23T12:00:00.000Z';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** A line by its number: in which file, and how it was written. */
interface Said {
  readonly i: number;
  readonly name: string;
  readonly format: LogSpec['format'];
}

let path: string;

function spec(more: Partial<LogSpec> = {}): LogSpec {
  return { level: 'debug', format: 'text', file: path, ...more };
}

function linesOf(file = path): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

function saidIn(line: string, name: string): Said {
  const format = line.startsWith('{') ? 'json' : 'text';
  return {
    i: format === 'json' ? Number(JSON.parse(line).i) : Number(/ i=(\d+)$/.exec(line)?.[1]),
    name,
    format,
  };
}

/** The lines that a log writes. */
async function written(say: (log: LineLog) => void, more: Partial<LogSpec> = {}, clock = () => NOON) {
  const log = new LineLog(spec(more), clock);
  say(log);
  await log.close();
  return linesOf();
}

describe('daemon/log/line-log', () => {
  beforeEach(() => {
    path = join(temporaryFolder(), 'postblock.log');
  });

  it('writes what was reported before it may start, in order and with the time of the report', async () => {
    let start: () => void = () => undefined;
    let now = NOON;
    const waiting = new Promise<void>((resolve) => {
      start = resolve;
    });
    const log = new LineLog(spec(), () => now, waiting);
    log.info('start', { pid: 1 });
    log.warn('running-as-root');
    now += MINUTE;
    start();
    log.info('listening');
    await log.close();
    expect(linesOf()).to.deep.equal([
      `${STAMP} info start pid=1`,
      `${STAMP} warn running-as-root`,
      '2026-11-23T12:01:00.000Z info listening',
    ]);
  });

  it('writes time, level, event and details as a line of text', async () => {
    const lines = await written((log) => log.info('block', { ip: '192.0.2.1', count: 3, enforced: true }));
    expect(lines).to.deep.equal([`${STAMP} info block ip=192.0.2.1 count=3 enforced=true`]);
  });

  it('writes the same as a line of JSON', async () => {
    const details: Details = { ip: '192.0.2.1', count: 3, enforced: true, none: undefined };
    const [line = ''] = await written((log) => log.info('block', details), { format: 'json' });
    expect(JSON.parse(line)).to.deep.equal({
      time: STAMP,
      level: 'info',
      event: 'block',
      ip: '192.0.2.1',
      count: 3,
      enforced: true,
    });
  });

  describe('writes a value in text', () => {
    const good: readonly (readonly [value: string | number | boolean | undefined, text: string])[] = [
      ['2001:db8::/64', ' v=2001:db8::/64'],
      ['/var/log/mail.log', ' v=/var/log/mail.log'],
      ['two words', ' v="two words"'],
      ['a=b', ' v="a=b"'],
      ['say "x"', ' v="say \\"x\\""'],
      ['line\nfeed\x1b', ' v="line\\nfeed\\u001b"'],
      ['', ' v=""'],
      [0, ' v=0'],
      [false, ' v=false'],
      [undefined, ''],
    ];
    for (const [value, text] of good) {
      it(`${JSON.stringify(value)} as ${text}`, async () => {
        expect(await written((log) => log.warn('event', { v: value }))).to.deep.equal([
          `${STAMP} warn event${text}`,
        ]);
      });
    }

    it('of a client without control characters of any kind', async () => {
      const value = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
      for (const format of ['text', 'json'] as const) {
        const lines = await written((log) => log.warn('event', { v: value }), { format });
        expect(lines.join('')).not.to.match(/\p{Cc}/u);
      }
    });
  });

  it('writes its own level and those above it', async () => {
    const levels = ['error', 'warn', 'info', 'debug'] as const;
    for (const [i, level] of levels.entries()) {
      path = join(temporaryFolder(), 'postblock.log');
      const lines = await written(
        (log) => {
          for (const each of levels) log[each]('event');
        },
        { level },
      );
      expect(lines).to.deep.equal(levels.slice(0, i + 1).map((each) => `${STAMP} ${each} event`));
    }
  });

  it('has everything on disk when close() resolves', async () => {
    const lines = await written((log) => {
      for (let i = 0; i < 5000; i++) log.info('event', { i });
    });
    expect(lines).to.deep.equal(Array.from({ length: 5000 }, (_, i) => `${STAMP} info event i=${i}`));
  });

  it('appends to the file that is there', async () => {
    await written((log) => log.info('first'));
    expect(await written((log) => log.info('second'))).to.deep.equal([
      `${STAMP} info first`,
      `${STAMP} info second`,
    ]);
  });

  it('takes up a new level, format and file, and opens a renamed file anew', async () => {
    const log = new LineLog(spec({ level: 'error' }), () => NOON);
    log.info('unheard');
    log.configure(spec({ level: 'info' }));
    log.info('heard');
    log.configure(spec({ format: 'json' }));
    log.info('as json');
    const other = `${path}.other`;
    log.configure(spec({ file: other }));
    log.info('elsewhere');
    await log.close();
    expect(linesOf()).to.deep.equal([
      `${STAMP} info heard`,
      `{"time":"${STAMP}","level":"info","event":"as json"}`,
    ]);
    expect(linesOf(other)).to.deep.equal([`${STAMP} info elsewhere`]);
    renameSync(path, `${path}.1`);
    expect(await written((again) => again.info('anew'))).to.deep.equal([`${STAMP} info anew`]);
  });

  it('loses, doubles and reorders no line over any changes of level, format and file, renamed or not', async () => {
    const files = ['a', 'b'] as const;
    const change = fc.record({
      level: fc.constantFrom('error', 'warn', 'info', 'debug'),
      format: fc.constantFrom('text', 'json'),
      name: fc.constantFrom(...files),
      isRenamed: fc.boolean(),
      lines: fc.nat(40),
      turns: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 30 }), async (changes) => {
        const folder = temporaryFolder();
        const expected: Said[] = [];
        let log: LineLog | undefined;
        let i = 0;
        for (const { level, format, name, isRenamed, lines, turns } of changes) {
          const file = join(folder, name);
          // As logrotate does: the new file comes with the next change only.
          if (isRenamed && existsSync(file)) renameSync(file, `${file}.${i}`);
          if (log === undefined) log = new LineLog({ level, format, file }, () => NOON);
          else log.configure({ level, format, file });
          for (let n = 0; n < lines; n++, i++) {
            const said = LEVELS[i % LEVELS.length] ?? 'error';
            log[said]('event', { i });
            if (LEVELS.indexOf(said) <= LEVELS.indexOf(level)) expected.push({ i, name, format });
          }
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
        }
        await log?.close();
        expect(log?.lost).to.equal(0);
        const found: Said[] = [];
        for (const file of readdirSync(folder)) {
          const own = linesOf(join(folder, file)).map((line) => saidIn(line, file.charAt(0)));
          expect(own, file).to.deep.equal(own.toSorted((a, b) => a.i - b.i));
          found.push(...own);
        }
        expect(found.toSorted((a, b) => a.i - b.i)).to.deep.equal(expected);
      }),
      { numRuns: scaled(40), seed: SEED },
    );
  });

  describe('of totals that grow', () => {
    it('writes one line at the start, and one with the sum after a minute without growth', async () => {
      let now = NOON;
      const lines = await written(
        (log) => {
          const totals = [0, 0, 5, 9, 9, 12, 12, 12, 12, 13];
          for (const total of totals) {
            log.ongoing('flood', total, { max: 4 });
            now += MINUTE / 2;
          }
        },
        {},
        () => now,
      );
      expect(lines).to.deep.equal([
        '2026-11-23T12:01:00.000Z warn flood max=4',
        '2026-11-23T12:03:30.000Z info flood-over max=4 count=12',
        '2026-11-23T12:04:30.000Z warn flood max=4',
      ]);
    });

    it('writes the end after the clock was set back', async () => {
      let now = NOON;
      const lines = await written(
        (log) => {
          log.ongoing('flood', 5);
          now -= 3600 * MINUTE;
          log.ongoing('flood', 5);
        },
        {},
        () => now,
      );
      expect(lines.at(-1)).to.match(/info flood-over count=5$/);
    });
  });

  describe('of what clients can cause', () => {
    it('writes twenty lines of a kind in a minute, and how many were suppressed when the next minute has one', async () => {
      let now = NOON;
      const lines = await written(
        (log) => {
          for (let i = 0; i < 50; i++) log.limited('flood', { i });
          log.limited('other');
          now += MINUTE - 1;
          log.limited('flood', { i: 50 });
          now += 1;
          log.limited('flood', { i: 51 });
        },
        {},
        () => now,
      );
      expect(lines.slice(0, 20)).to.deep.equal(
        Array.from({ length: 20 }, (_, i) => `${STAMP} warn flood i=${i}`),
      );
      const later = '2026-11-23T12:01:00.000Z';
      expect(lines.slice(20)).to.deep.equal([
        `${STAMP} warn other`,
        `${later} warn flood suppressed=31`,
        `${later} warn flood i=51`,
      ]);
    });

    it('goes on after the clock was set back', async () => {
      let now = NOON;
      const lines = await written(
        (log) => {
          for (let i = 0; i < 30; i++) log.limited('flood');
          now -= 3600 * MINUTE;
          log.limited('flood', { again: true });
        },
        {},
        () => now,
      );
      expect(lines.at(-1)).to.match(/warn flood again=true$/);
    });
  });
});
