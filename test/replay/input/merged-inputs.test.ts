// Many inputs as one, in order of time.

import { readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { EXIT, ExitError } from '../../../src/exit.ts';
import type { LogRecord } from '../../../src/maillog/syslog/record.ts';
import { MergedInputs } from '../../../src/replay/input/merged-inputs.ts';
import { line, START } from '../../maillog/log.ts';
import { file, folder, numbered, numberedLines, numbersOf, Reading, range } from './inputs.ts';

function hostsOf(records: readonly LogRecord[]): string {
  return records.map(({ process }) => process.slice(0, 1)).join('');
}

async function errorOf(paths: readonly string[], reading = new Reading()): Promise<ExitError> {
  const error = await MergedInputs.open(paths, reading).catch((thrown: unknown) => thrown);
  if (!(error instanceof ExitError)) throw new Error('no error for the user', { cause: error });
  return error;
}

/** How many files of a directory this process has open. */
function openFiles(directory: string): number {
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(directory);
    } catch {
      return false;
    }
  }).length;
}

describe('replay/input/merged-inputs', () => {
  it('reads rotated files in order of time, however they are given', async () => {
    const directory = folder();
    const oldest = file(gzipSync(numberedLines(1, 2000)), { directory, name: 'mail.log.2.gz' });
    const older = file(numberedLines(2001, 4000), { directory, name: 'mail.log.1' });
    const newest = file(numberedLines(4001, 4500), { directory, name: 'mail.log' });
    for (const paths of [
      [newest, older, oldest],
      [older, newest, oldest],
      [oldest, older, newest],
    ]) {
      const reading = new Reading();
      expect(numbersOf(await reading.merged(paths))).to.deep.equal(range(1, 4500));
      expect(reading.lines).to.equal(4500);
    }
  });

  it('merges the files of hosts that overlap', async () => {
    const odd = range(1, 3000).filter((number) => number % 3 !== 0);
    const rest = range(1, 3000).filter((number) => number % 3 === 0);
    const text = (numbers: readonly number[], host: string) =>
      numbers.map((number) => `${numbered(number, host)}\n`).join('');
    const paths = [
      file(text(odd, 'a')),
      file(gzipSync(text(rest, 'b'))),
      file(numberedLines(2990, 3100, 'c')),
    ];
    const records = await new Reading().merged(paths);
    expect(numbersOf(records.filter(({ process }) => !process.startsWith('c')))).to.deep.equal(
      range(1, 3000),
    );
    expect(records.map(({ at }) => at)).to.deep.equal(records.map(({ at }) => at).sort((a, b) => a - b));
    expect(records).to.have.length(3111);
  });

  it('gives records of the same time by file, the earlier one first', async () => {
    const same = (host: string, seconds: readonly number[]) =>
      seconds.map((second) => `${line('x', 'smtpd', 1, second).replace(' mx ', ` ${host} `)}\n`).join('');
    const first = file(same('a', [1, 2, 2, 3]));
    const second = file(same('b', [2, 2, 3, 3, 4]));
    expect(hostsOf(await new Reading().merged([second, first]))).to.equal('aaabbabbb');
  });

  it('goes by the dates of files that begin at the same time, then by the order given', async () => {
    const early = file(numberedLines(1, 1, 'a'), { date: START });
    const late = file(numberedLines(1, 1, 'b'), { date: START + 1000 });
    const given = file(numberedLines(1, 1, 'c'), { date: START + 1000 });
    expect(hostsOf(await new Reading().merged([late, given, early]))).to.equal('abc');
    expect(hostsOf(await new Reading().merged([given, early, late]))).to.equal('acb');
  });

  it('keeps the order within a file, whatever its stamps say', async () => {
    const numbers = [1, 3, 2, 5, 4, 6];
    const path = file(numbers.map((number) => `${numbered(number)}\n`).join(''));
    expect(numbersOf(await new Reading().merged([path, file(numberedLines(100, 101))]))).to.deep.equal([
      ...numbers,
      100,
      101,
    ]);
  });

  it('orders standard input and pipes among files by time', async () => {
    const reading = new Reading(Readable.from([numberedLines(1001, 2000)]));
    const paths = [file(numberedLines(2001, 3000)), '-', file(numberedLines(1, 1000))];
    expect(numbersOf(await reading.merged(paths))).to.deep.equal(range(1, 3000));
  });

  it('reads files without records, and files that begin with other lines', async () => {
    const reading = new Reading();
    const junk = `${'no log line\n'.repeat(10_000)}${numberedLines(3, 4)}`;
    const paths = [
      file(numberedLines(1, 2)),
      file(''),
      file('junk\n'),
      file(junk),
      file(numberedLines(5, 6)),
    ];
    expect(numbersOf(await reading.merged(paths))).to.deep.equal(range(1, 6));
    expect(reading.lines).to.equal(10_007);
    expect(reading.unreadable).to.have.length(10_001);
  });

  it('gives the records of the whole log for any way in which it was split into files by time', async function () {
    this.timeout(120_000);
    const seconds = fc.array(fc.nat(2), { minLength: 1, maxLength: 40 });
    const places = fc.array(fc.nat(40), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        seconds,
        places,
        fc.infiniteStream(fc.nat()),
        fc.boolean(),
        async (steps, cuts, order, isGz) => {
          let second = 0;
          const lines = steps.map((step, number) => {
            second += step;
            return `${line(`commands=${number}`, 'smtpd', 1, second)}\n`;
          });
          const bounds = [0, ...cuts.filter((cut) => cut < lines.length).sort((a, b) => a - b), lines.length];
          const directory = folder();
          const paths = bounds.slice(1).map((bound, place) => {
            const text = lines.slice(bounds[place], bound).join('');
            const content = isGz && place % 2 === 0 ? gzipSync(text) : text;
            return file(content, { directory, name: `${place}`, date: START + place * 1000 });
          });
          const shuffled = paths
            .map((path) => ({ path, key: order.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ path }) => path);
          expect(numbersOf(await new Reading().merged(shuffled))).to.deep.equal(range(0, lines.length - 1));
          rmSync(directory, { recursive: true });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps a file open only while its time lasts', async () => {
    const directory = folder();
    const paths = range(0, 29).map((day) =>
      file(gzipSync(numberedLines(day * 1000 + 1, day * 1000 + 1000)), {
        directory,
        name: `mail.log.${day}.gz`,
      }),
    );
    const inputs = await MergedInputs.open(paths, new Reading());
    let most = openFiles(directory);
    expect(most).to.equal(0);
    for (let batch = await inputs.next(); batch !== undefined; batch = await inputs.next())
      most = Math.max(most, openFiles(directory));
    expect(most).to.be.within(1, 2);
    await inputs.close();
    expect(openFiles(directory)).to.equal(0);
  });

  it('reports its progress, and the total where that is known', async () => {
    const texts = [numberedLines(1, 2000), numberedLines(2001, 4000)];
    const total = texts.join('').length;
    const inputs = await MergedInputs.open(
      texts.map((text) => file(text)),
      new Reading(),
    );
    expect(inputs.progress).to.deep.equal({ bytes: 0, total, lines: 0 });
    let before = inputs.progress;
    while ((await inputs.next()) !== undefined) {
      expect(inputs.progress.bytes).to.be.within(before.bytes, total);
      expect(inputs.progress.lines).to.be.above(before.lines);
      before = inputs.progress;
    }
    expect(inputs.progress).to.deep.equal({ bytes: total, total, lines: 4000 });
    await inputs.close();
    const withStdin = await MergedInputs.open([file('x'), '-'], new Reading());
    expect(withStdin.progress.total).to.equal(undefined);
    await withStdin.close();
  });

  it('reads no input where one of them cannot be read, and names all of those', async () => {
    const directory = folder();
    const none = join(directory, 'none');
    const reading = new Reading();
    const error = await errorOf([file('junk\n'), none, directory], reading);
    expect(error.lines).to.deep.equal([
      `${none}: cannot be read: no such file`,
      `${directory}: is a directory; name the files in it`,
    ]);
    expect(error.status).to.equal(EXIT.io);
    expect(reading.unreadable).to.deep.equal([]);
  });

  it('refuses an input that would count twice', async () => {
    const path = file(numberedLines(1, 1));
    expect((await errorOf([path, path])).lines).to.deep.equal([
      `${path}: is the same file as ${path}, and would count twice; name it once`,
    ]);
    expect((await errorOf(['-', '-'])).lines).to.deep.equal(['-: standard input can be read only once']);
  });

  it('does not confuse a file with another that has replaced it', async () => {
    const directory = folder();
    const first = file(numberedLines(1, 2), { directory, name: 'a' });
    const second = file(numberedLines(3, 4), { directory, name: 'b' });
    const inputs = await MergedInputs.open([first, second], new Reading());
    renameSync(second, join(directory, 'b.1'));
    writeFileSync(second, numberedLines(5, 6));
    expect(numbersOf((await inputs.next()) ?? [])).to.deep.equal([1, 2]);
    const error = await inputs.next().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ExitError);
    expect(String(error)).to.include(`${second}: was replaced by another file while`);
    await inputs.close();
  });

  it('ends when it is closed', async () => {
    const directory = folder();
    const paths = [file(numberedLines(1, 5000), { directory, name: 'a' }), file(numberedLines(5001, 5002))];
    const inputs = await MergedInputs.open(paths, new Reading());
    expect(await inputs.next()).to.have.length.above(0);
    await inputs.close();
    expect(await inputs.next()).to.equal(undefined);
    expect(openFiles(directory)).to.equal(0);
  });

  it('reads on after a file that is cut off', async () => {
    const reading = new Reading();
    const cut = file(gzipSync(numberedLines(1, 100)).subarray(0, -4));
    expect(numbersOf(await reading.merged([file(numberedLines(101, 200)), cut]))).to.deep.equal(
      range(1, 200),
    );
    expect(reading.damage).to.have.length(1);
  });
});
