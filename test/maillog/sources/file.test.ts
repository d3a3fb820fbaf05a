// Following a log file: every line that is written after the start, once, in order.

import { mkdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { START } from '../log.ts';
import { LogFile, numbersOf, Reading, stopReadings } from './log-file.ts';

describe('maillog/sources/file: following', () => {
  afterEach(stopReadings);

  it('begins at the end of an existing log', async () => {
    const log = new LogFile();
    log.lines(3);
    const reading = await Reading.start(log.path);
    expect(await reading.rest()).to.deep.equal([]);
    const later = log.lines(2);
    expect(await reading.rest()).to.deep.equal(later);
    expect(reading.noticeTypes).to.deep.equal([]);
  });

  it('reads a line whole that was half written at the start', async () => {
    const log = new LogFile();
    const text = log.text(3);
    log.append(text.slice(0, -30));
    const reading = await Reading.start(log.path);
    expect(await reading.rest()).to.deep.equal([]);
    log.append(text.slice(-30));
    expect(await reading.rest()).to.deep.equal([3]);
  });

  it('reads a log from its first line that was not there at the start', async () => {
    const log = new LogFile();
    const reading = await Reading.start(log.path);
    expect(await reading.rest()).to.deep.equal([]);
    expect(reading.noticeTypes, 'said once, however often it looks').to.deep.equal(['lost']);
    const numbers = log.lines(3);
    expect(await reading.rest()).to.deep.equal(numbers);
    expect(reading.noticeTypes).to.deep.equal(['lost', 'found']);
  });

  it('waits while a directory is in the place of the log', async () => {
    const log = new LogFile();
    mkdirSync(log.path);
    const reading = await Reading.start(log.path);
    expect(await reading.rest()).to.deep.equal([]);
    expect(reading.notices[0]).to.deep.include({ type: 'lost', source: log.path });
    rmdirSync(log.path);
    const numbers = log.lines(2);
    expect(await reading.rest()).to.deep.equal(numbers);
    expect(reading.noticeTypes.at(-1)).to.equal('found');
  });

  it('reopens a log that could not be read, and reports that it is back', async () => {
    const log = new LogFile();
    // A plain file of proc(5) that is opened, and of which no read succeeds.
    symlinkSync('/proc/self/mem', log.path);
    const reading = await Reading.start(log.path);
    expect(await reading.rest()).to.deep.equal([]);
    expect(reading.noticeTypes).to.deep.equal(['lost']);
    rmSync(log.path);
    const numbers = log.lines(2);
    expect(await reading.rest()).to.deep.equal(numbers);
    expect(reading.noticeTypes).to.deep.equal(['lost', 'found']);
  });

  it('reads lines that are appended in any pieces, once each and in order', async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), pieces, async (count, sizes) => {
        const log = new LogFile();
        log.create();
        const reading = await Reading.start(log.path);
        const first = log.second + 1;
        const text = log.text(count);
        const numbers: number[] = [];
        for (let place = 0, i = 0; place < text.length; i++) {
          const end = place + (sizes[i % sizes.length] ?? 1);
          log.append(text.slice(place, end));
          numbers.push(...numbersOf(await reading.source.read(START)));
          place = end;
        }
        numbers.push(...(await reading.rest()));
        await reading.source.stop();
        expect(numbers).to.deep.equal(Array.from({ length: count }, (_, i) => first + i));
      }),
      { numRuns: 60 },
    );
  });

  it('reads more than one read holds in several, with a line across each border', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    const numbers = log.lines(9000);
    const batches = await reading.batches();
    expect(batches.length).to.be.greaterThan(2);
    expect(batches.flatMap(numbersOf)).to.deep.equal(numbers);
  });

  it('is at the end only where nothing more was there', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    log.lines(9000);
    for (let left = 9000; left > 0; ) {
      const batch = await reading.source.read(START);
      expect(batch.isAtEnd).to.equal(false);
      left -= batch.records.length;
    }
    expect((await reading.source.read(START)).isAtEnd).to.equal(true);
  });

  it('ignores lines of other programs, and bytes that are not text', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    const [first] = log.lines(1);
    log.append('\n\n-- MARK --\nNov 23 10:00:00 mx dovecot: imap-login: x\n');
    writeFileSync(log.path, Buffer.from([0, 255, 254, 10, 13, 10]), { flag: 'a' });
    const [last] = log.lines(1);
    expect(await reading.rest()).to.deep.equal([first, last]);
  });

  it('skips a line longer than a whole read, reports it, and continues after it', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    const before = log.lines(2);
    log.append('x'.repeat(1_200_000));
    expect(await reading.rest()).to.deep.equal(before);
    log.append('x'.repeat(700_000));
    expect(await reading.rest()).to.deep.equal([]);
    log.append('\n');
    const after = log.lines(2);
    expect(await reading.rest()).to.deep.equal(after);
    expect(reading.noticeTypes).to.deep.equal(['overlong']);
  });

  it('hands out what follows such a line in pieces as small as any other', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    log.append(`${'x'.repeat(1_200_000)}\n`);
    log.lines(9000);
    const sizes: number[] = [];
    for (let left = 9000; left > 0; left -= sizes.at(-1) ?? 0)
      sizes.push((await reading.source.read(START)).records.length);
    expect(Math.max(...sizes)).to.be.at.most(300);
  });

  it('reads a long line by its beginning', async () => {
    const log = new LogFile();
    log.create();
    const reading = await Reading.start(log.path);
    log.append(`${log.text(1).trimEnd()} ${'x'.repeat(60_000)}\n`);
    const numbers = [log.second, ...log.lines(1)];
    expect(await reading.rest()).to.deep.equal(numbers);
    expect(reading.noticeTypes).to.deep.equal([]);
  });
});
