// Positions of a followed file: reading continues at a saved one, whatever happened to the file since.

import { copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Position } from '../../../src/maillog/sources/source.ts';
import { LogFile, Reading, resume, stopReadings } from './log-file.ts';

const GONE = Date.UTC(2026, 10, 23, 10);

/** A log of which the first three lines were read, and the position after them. */
async function stopped(): Promise<{ log: LogFile; position: Position | undefined }> {
  const log = new LogFile();
  log.create();
  const reading = await Reading.start(log.path);
  log.lines(3);
  await reading.rest();
  const position = await reading.position();
  await reading.source.stop();
  return { log, position };
}

describe('maillog/sources/file-restart: after a restart', () => {
  afterEach(stopReadings);

  const whileDown: Record<string, (log: LogFile) => number[]> = {
    'nothing happened': () => [],
    'lines were appended': (log) => log.lines(2),
    'the log was renamed': (log) => {
      const numbers = log.lines(2);
      log.rename();
      return [...numbers, ...log.lines(2)];
    },
    'the log was renamed at once, and no new one is there': (log) => {
      log.rename();
      return [];
    },
    'the log was renamed and written to under its old name': (log) => {
      const old = log.rename();
      log.create();
      return log.lines(2, old);
    },
    'the log was copied and truncated': (log) => {
      const numbers = log.lines(2);
      log.copyTruncate();
      return [...numbers, ...log.lines(2)];
    },
    'the log was copied and truncated, and has outgrown its old length': (log) => {
      log.copyTruncate();
      return log.lines(30);
    },
    'the log was rotated several times': (log) => {
      const numbers = log.lines(1);
      log.rename();
      numbers.push(...log.lines(2));
      log.rename();
      numbers.push(...log.lines(2));
      log.copyTruncate();
      return [...numbers, ...log.lines(1)];
    },
    'older files were compressed': (log) => {
      writeFileSync(`${log.path}.7.gz`, 'x');
      return log.lines(1);
    },
    'the log was copied back, as another inode': (log) => {
      const numbers = log.lines(2);
      copyFileSync(log.path, `${log.path}.new`);
      renameSync(`${log.path}.new`, log.path);
      return numbers;
    },
  };
  for (const [what, happen] of Object.entries(whileDown)) {
    it(`reads on without a gap where ${what}`, async () => {
      const { log, position } = await stopped();
      const numbers = happen(log);
      const resumed = await resume(log.path, position);
      expect(resumed.numbers).to.deep.equal(numbers);
      expect(resumed.notices.map(({ type }) => type)).not.to.include('gap');
    });
  }

  const gaps: Record<string, (log: LogFile) => void> = {
    'was deleted': (log) => rmSync(log.path),
    'was truncated': (log) => truncateSync(log.path),
    'was compressed': (log) => {
      const rotated = log.rename();
      renameSync(rotated, `${rotated}.gz`);
    },
    'was rotated and compressed, and the one after it too': (log) => {
      for (let i = 0; i < 2; i++) {
        const rotated = log.rename();
        renameSync(rotated, `${rotated}.xz`);
        log.lines(1);
      }
      truncateSync(log.path);
    },
  };
  for (const [what, happen] of Object.entries(gaps)) {
    it(`reports from when to when lines are missing where the log ${what}, and reads what is there`, async () => {
      const { log, position } = await stopped();
      log.lines(2);
      happen(log);
      const later = log.lines(3);
      const resumed = await resume(log.path, position);
      expect(resumed.numbers).to.deep.equal(later);
      const found = resumed.notices.filter(({ type }) => type === 'gap');
      const since = GONE + 4000;
      expect(found).to.deep.equal([
        { type: 'gap', source: log.path, since, until: GONE + (later[0] ?? 0) * 1000 },
      ]);
    });
  }

  it('reads the rotated files that are left after a gap', async () => {
    const { log, position } = await stopped();
    const lost = log.rename();
    renameSync(lost, `${lost}.gz`);
    const numbers = log.lines(2);
    log.rename();
    numbers.push(...log.lines(2));
    expect((await resume(log.path, position)).numbers).to.deep.equal(numbers);
  });

  it('reads a log from its first line that was awaited at the stop', async () => {
    const log = new LogFile();
    const reading = await Reading.start(log.path);
    const position = await reading.position();
    await reading.source.stop();
    const numbers = log.lines(3);
    expect((await resume(log.path, position)).numbers).to.deep.equal(numbers);
  });

  it('reads all of a log that was awaited at the stop, and rotated since', async () => {
    const log = new LogFile();
    const reading = await Reading.start(log.path);
    const position = await reading.position();
    await reading.source.stop();
    const numbers = log.lines(3);
    log.rename();
    numbers.push(...log.lines(2));
    expect((await resume(log.path, position)).numbers).to.deep.equal(numbers);
  });

  it('reads all of a log that was empty at the stop, and copied and truncated since', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    const position = await reading.position();
    await reading.source.stop();
    const numbers = log.lines(3);
    log.copyTruncate();
    numbers.push(...log.lines(2));
    expect((await resume(log.path, position)).numbers).to.deep.equal(numbers);
  });

  it('reads nothing twice where the log was empty at the stop, and was rotated and compressed since', async () => {
    const { log } = await stopped();
    const reading = await Reading.start(log.path);
    log.lines(2);
    await reading.rest();
    log.rename();
    const first = log.lines(1);
    expect(await reading.rest()).to.deep.equal(first);
    log.rename();
    log.create();
    await reading.rest();
    const position = await reading.position();
    await reading.source.stop();
    log.lines(1);
    const lost = log.rename();
    renameSync(lost, `${lost}.gz`);
    const later = log.lines(1);
    const resumed = await resume(log.path, position);
    expect(resumed.numbers).to.deep.equal(later);
    expect(resumed.notices.map(({ type }) => type)).to.include('gap');
  });

  it('begins at the end with the position of another log, or of the journal', async () => {
    const { position } = await stopped();
    for (const other of [position, { type: 'journal', cursor: 's=1;i=2' } as const]) {
      const log = new LogFile();
      log.lines(2);
      const reading = await Reading.start(log.path, other);
      expect(await reading.rest()).to.deep.equal([]);
      const later = log.lines(1);
      expect(await reading.rest()).to.deep.equal(later);
      await reading.source.stop();
    }
  });
});
