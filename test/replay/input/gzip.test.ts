// Logs that gzip compressed: whole, joined, cut off and damaged.

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { openInput } from '../../../src/replay/input/input.ts';
import { file, numberedLines, numbersOf, Reading, range } from './inputs.ts';

describe('replay/input/gzip', () => {
  it('reads a log compressed by gzip, whatever its name, and counts the compressed bytes', async () => {
    const bytes = gzipSync(numberedLines(1, 5000));
    const reading = new Reading();
    const input = await openInput(file(bytes, { name: 'mail.log.1' }), reading);
    expect(input.size).to.equal(bytes.length);
    while ((await input.read()) !== undefined) expect(input.bytesRead).to.be.within(1, bytes.length);
    expect(input.bytesRead).to.equal(bytes.length);
    expect(input.lines).to.equal(5000);
    await input.close();
    expect(numbersOf(await reading.all(file(bytes)))).to.deep.equal(range(1, 5000));
  });

  it('reads a plain log with the name of a compressed one', async () => {
    const path = file(numberedLines(1, 3), { name: 'mail.log.1.gz' });
    expect(numbersOf(await new Reading().all(path))).to.deep.equal([1, 2, 3]);
  });

  it('reads all members of joined ones, wherever one ends, also inside a line', async () => {
    const text = numberedLines(1, 600);
    for (const place of [1, 100, 4096, 16_384, 20_000]) {
      const parts = [text.slice(0, place), '', text.slice(place, place + 1), text.slice(place + 1)];
      const reading = new Reading();
      const records = await reading.all(file(Buffer.concat(parts.map((part) => gzipSync(part)))));
      expect(numbersOf(records), `cut at ${place}`).to.deep.equal(range(1, 600));
      expect(reading.damage).to.deep.equal([]);
    }
  });

  it('reads on where a member ends with the bytes that are decompressed at once', async () => {
    const text = numberedLines(1, 600);
    const frame = gzipSync('', { level: 0 }).length;
    for (let length = 16_384 - frame - 4; length <= 16_384 - frame + 4; length++) {
      const members = [gzipSync(text.slice(0, length), { level: 0 }), gzipSync(text.slice(length))];
      const records = await new Reading().all(file(Buffer.concat(members)));
      expect(numbersOf(records), `a member of ${members[0]?.length} bytes`).to.deep.equal(range(1, 600));
    }
  });

  it('ignores zeros after the last member', async () => {
    for (const zeros of [1, 512, 100_000]) {
      const reading = new Reading();
      const bytes = Buffer.concat([gzipSync(numberedLines(1, 600)), Buffer.alloc(zeros)]);
      expect(numbersOf(await reading.all(file(bytes)))).to.deep.equal(range(1, 600));
      expect(reading.damage).to.deep.equal([]);
    }
  });

  it('reads the whole lines of a file that was cut off, wherever, and says so once', async () => {
    const text = numberedLines(1, 600);
    const bytes = gzipSync(text);
    const places = [
      2,
      5,
      10,
      11,
      500,
      bytes.length >> 1,
      bytes.length - 9,
      bytes.length - 8,
      bytes.length - 1,
    ];
    for (const place of places) {
      const reading = new Reading();
      const path = file(bytes.subarray(0, place));
      const numbers = numbersOf(await reading.all(path));
      expect(numbers, `cut at ${place}`).to.deep.equal(range(1, numbers.length));
      expect(reading.damage).to.have.length(1);
      expect(reading.damage[0]).to.match(
        /: only the beginning \(\d+ lines\) could be read: unexpected end of file$/,
      );
      expect(reading.damage[0]).to.include(path);
    }
    const almost = new Reading();
    expect(numbersOf(await almost.all(file(bytes.subarray(0, -1))))).to.deep.equal(range(1, 600));
  });

  it('reads what precedes damage', async () => {
    const bytes = gzipSync(numberedLines(1, 20_000), { level: 1 });
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64);
    const reading = new Reading();
    const numbers = numbersOf(await reading.all(file(bytes)));
    expect(numbers.length).to.be.within(5000, 19_999);
    expect(numbers).to.deep.equal(range(1, numbers.length));
    expect(reading.damage).to.have.length(1);
  });

  it('reads it from standard input, in pieces of one byte and in one', async () => {
    const bytes = gzipSync(numberedLines(1, 600));
    for (const size of [1, 7, bytes.length]) {
      const pieces: Buffer[] = [];
      for (let place = 0; place < bytes.length; place += size)
        pieces.push(bytes.subarray(place, place + size));
      const reading = new Reading(Readable.from(pieces));
      expect(numbersOf(await reading.all('-')), `pieces of ${size}`).to.deep.equal(range(1, 600));
    }
  });

  it('reads the start of a line of hundreds of MiB, in pieces', async () => {
    const bytes = gzipSync(Buffer.alloc(200 << 20, 'x'), { level: 1 });
    const reading = new Reading();
    expect(
      await reading.all(file(Buffer.concat([bytes, gzipSync(`\n${numberedLines(1, 1)}`)]))),
    ).to.have.length(1);
    expect(reading.unreadable).to.deep.equal(['x'.repeat(8192)]);
  });
});
