// Logs that xz compressed, through the system's own xz.

import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { EXIT, ExitError } from '../../src/exit.ts';
import { openInput } from '../../src/replay/input.ts';
import { describeReal, XZ } from '../harness/real.ts';
import { file, folder, numberedLines, numbersOf, Reading, range } from './inputs.ts';

function xz(text: string): Buffer {
  return execFileSync('xz', ['-c', '-1'], { input: text });
}

/** All that it takes to be seen as xz, and nothing more. */
const MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]);

describeReal('replay/xz', XZ, () => {
  it('reads what xz made of a log, and counts the compressed bytes', async () => {
    const bytes = xz(numberedLines(1, 5000));
    const reading = new Reading();
    const path = file(bytes);
    expect(numbersOf(await reading.all(path))).to.deep.equal(range(1, 5000));
    const input = await openInput(path, reading);
    while ((await input.read()) !== undefined) expect(input.lines).to.be.above(0);
    expect([input.size, input.bytesRead]).to.deep.equal([bytes.length, bytes.length]);
    await input.close();
    expect(reading.damage).to.deep.equal([]);
  });

  it('reads joined ones, and standard input', async () => {
    const bytes = Buffer.concat([xz(numberedLines(1, 300)), xz(numberedLines(301, 600))]);
    expect(numbersOf(await new Reading().all(file(bytes)))).to.deep.equal(range(1, 600));
    const reading = new Reading(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]));
    expect(numbersOf(await reading.all('-'))).to.deep.equal(range(1, 600));
  });

  it('reads the whole lines of a file that was cut off, and says so', async () => {
    const reading = new Reading();
    const path = file(xz(numberedLines(1, 5000)).subarray(0, -20));
    const numbers = numbersOf(await reading.all(path));
    expect(numbers).to.deep.equal(range(1, numbers.length));
    expect(reading.damage).to.have.length(1);
    expect(reading.damage[0]).to.match(/^.*: only the beginning .* could be read: Unexpected end of input$/);
  });

  it('says that a file is damaged that only begins like one', async () => {
    const reading = new Reading();
    expect(await reading.all(file(MAGIC))).to.deep.equal([]);
    expect(reading.damage).to.have.length(1);
  });

  it('ends xz when it is closed before the end', async () => {
    const input = await openInput(file(xz(numberedLines(1, 50_000))), new Reading());
    expect(await input.read()).to.have.length.above(0);
    await input.close();
    expect(await input.read()).to.equal(undefined);
  });
});

describe('replay/xz: without xz', () => {
  const before = process.env.PATH;
  beforeEach(() => {
    process.env.PATH = folder();
  });
  afterEach(() => {
    process.env.PATH = before;
  });

  it('says that it is missing, and how to have it', async () => {
    const path = file(MAGIC);
    const error = await openInput(path, new Reading()).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ExitError);
    if (!(error instanceof ExitError)) return;
    expect(error.status).to.equal(EXIT.unavailable);
    expect(error.message).to.include(path).and.include('apt-get install xz-utils');
  });
});
