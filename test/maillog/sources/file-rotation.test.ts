// A log that is rotated while it is followed: nothing is lost, nothing is read twice.

import { renameSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { expect } from 'chai';
import { START } from '../log.ts';
import { LogFile, numbersOf, Reading, stopReadings } from './log-file.ts';

async function followed(count: number): Promise<{ log: LogFile; reading: Reading; read: number[] }> {
  const log = new LogFile();
  log.create();
  const reading = await Reading.start(log.path);
  log.lines(count);
  return { log, reading, read: await reading.rest() };
}

describe('maillog/sources/file-rotation: rotation while following', () => {
  afterEach(stopReadings);

  it('continues in the new file after a rename', async () => {
    const { log, reading } = await followed(3);
    log.rename();
    log.create();
    expect(await reading.rest()).to.deep.equal([]);
    const later = log.lines(2);
    expect(await reading.rest()).to.deep.equal(later);
    expect(reading.notices).to.deep.equal([{ type: 'rotated', source: log.path, next: log.path }]);
  });

  it('reads what the writer still appends to the renamed file, first', async () => {
    const { log, reading } = await followed(3);
    const old = log.rename();
    const numbers = log.lines(2, old);
    expect(await reading.rest(), 'with no new file').to.deep.equal(numbers);
    log.create();
    const more = log.lines(2, old);
    expect(await reading.rest(), 'with an empty new file').to.deep.equal(more);
    const last = [...log.lines(1, old), ...log.lines(1)];
    expect(await reading.rest(), 'with a new file that is written to').to.deep.equal(last);
  });

  it('takes the last line of a renamed file although no newline ends it', async () => {
    const { log, reading } = await followed(1);
    log.append(log.text(1).trimEnd());
    const half = log.second;
    log.rename();
    const later = log.lines(1);
    expect(await reading.rest()).to.deep.equal([half, ...later]);
  });

  it('continues after copytruncate, with what was written before it and was not read yet', async () => {
    const { log, reading } = await followed(3);
    const unread = log.lines(2);
    log.copyTruncate();
    const later = log.lines(1);
    expect(await reading.rest()).to.deep.equal([...unread, ...later]);
    expect(reading.noticeTypes).not.to.include('gap');
  });

  it('takes what was read ahead once, where the log was copied and truncated meanwhile', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    const numbers = log.lines(4000);
    const first = numbersOf(await reading.source.read(START));
    expect(first.length).to.be.lessThan(1000);
    log.copyTruncate();
    const later = log.lines(2);
    expect([...first, ...(await reading.rest())]).to.deep.equal([...numbers, ...later]);
    expect(reading.noticeTypes).not.to.include('gap');
  });

  it('reads a copy all of whose lines came and were copied between two reads', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    const numbers = log.lines(2);
    log.copyTruncate();
    numbers.push(...log.lines(1));
    expect(await reading.rest()).to.deep.equal(numbers);
  });

  it('notices copytruncate also where the file has outgrown its old length', async () => {
    const { log, reading } = await followed(3);
    log.copyTruncate();
    const later = log.lines(20);
    expect(await reading.rest()).to.deep.equal(later);
  });

  it('reads a truncated log from its beginning, and reports what is missing', async () => {
    const { log, reading, read } = await followed(3);
    log.lines(2);
    truncateSync(log.path);
    const later = log.lines(20);
    expect(await reading.rest()).to.deep.equal(later);
    expect(reading.noticeTypes).to.include.members(['truncated', 'gap']);
    const gap = reading.notices.find(({ type }) => type === 'gap');
    const at = (second = 0) => Date.UTC(2026, 10, 23, 10) + second * 1000;
    expect(gap).to.deep.include({ since: at(read.at(-1)), until: at(later[0]) });
  });

  it('is not at the end while a truncated log has still to be read', async () => {
    const { log, reading } = await followed(3);
    log.copyTruncate();
    log.lines(20);
    for (let left = 20; left > 0; ) {
      const batch = await reading.source.read(0);
      expect(batch.isAtEnd, `${left} lines left`).to.equal(false);
      left -= batch.records.length;
    }
  });

  it('reads every file in order where the log was rotated several times between two reads', async () => {
    const { log, reading } = await followed(3);
    const numbers: number[] = [];
    for (let i = 0; i < 4; i++) {
      numbers.push(...log.lines(2));
      log.rename();
    }
    numbers.push(...log.lines(2));
    expect(await reading.rest()).to.deep.equal(numbers);
    expect(reading.noticeTypes).not.to.include('gap');
  });

  it('reads every copy in order where the log was copied and truncated several times', async () => {
    const { log, reading } = await followed(3);
    const numbers: number[] = [];
    for (let i = 0; i < 4; i++) {
      numbers.push(...log.lines(2));
      log.copyTruncate();
    }
    numbers.push(...log.lines(2));
    expect(await reading.rest()).to.deep.equal(numbers);
    expect(reading.noticeTypes).not.to.include('gap');
  });

  it('knows rotated files by a date, too, and ignores other files', async () => {
    const { log, reading } = await followed(3);
    const numbers = log.lines(2);
    renameSync(log.rename(), `${log.path}-20261124`);
    numbers.push(...log.lines(2));
    renameSync(log.rename(), `${log.path}-20261125`);
    numbers.push(...log.lines(1));
    log.lines(1, `${log.path}2`);
    log.lines(1, log.path.replace('mail.log', 'mail.err'));
    expect(await reading.rest()).to.deep.equal(numbers);
  });

  it('reports what is missing where a file was compressed before it could be read', async () => {
    const { log, reading } = await followed(3);
    log.rename();
    log.lines(2);
    const unread = log.rename();
    renameSync(unread, `${unread}.gz`);
    const later = log.lines(2);
    expect(await reading.rest()).to.deep.equal(later);
    expect(reading.noticeTypes).to.include('gap');
  });

  for (const which of ['an older file', 'the file that was read']) {
    it(`misses nothing while logrotate compresses ${which}: that looks new, but is a copy`, async () => {
      const { log, reading } = await followed(2);
      const older = `${log.path}-20261122`;
      const old = `${log.path}-20261123`;
      renameSync(log.rename(), older);
      const numbers = log.lines(2);
      expect(await reading.rest()).to.deep.equal(numbers);
      renameSync(log.rename(), old);
      const source = which === 'an older file' ? older : old;
      const time = statSync(source).mtime;
      log.append('half of it', `${source}.gz`);
      const later = log.lines(2);
      log.touch(`${source}.gz`);
      expect(await reading.rest()).to.deep.equal(later);
      utimesSync(`${source}.gz`, time, time);
      rmSync(source);
      log.rename();
      const last = log.lines(2);
      expect(await reading.rest()).to.deep.equal(last);
      expect(reading.noticeTypes).not.to.include('gap');
    });
  }

  it('reads a file to its end that was deleted, and the one after it', async () => {
    const { log, reading } = await followed(3);
    const numbers = log.lines(2);
    rmSync(log.path);
    expect(await reading.rest()).to.deep.equal(numbers);
    const later = log.lines(2);
    expect(await reading.rest()).to.deep.equal(later);
    expect(reading.noticeTypes).not.to.include('gap');
  });
});
