// Logs that xz or zstd compressed, read with the system's own programs.

import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { EXIT, ExitError } from '../../../src/exit.ts';
import { openInput } from '../../../src/replay/input/input.ts';
import { type Component, describeReal, XZ, ZSTD } from '../../harness/real.ts';
import { file, folder, numberedLines, numbersOf, Reading, range } from './inputs.ts';

interface Program {
  readonly command: string;
  readonly component: Component;
  /** all that it takes to be seen as what it compresses, and nothing more */
  readonly magic: Buffer;
  /** what it says of a file that is cut off */
  readonly cut: string;
  readonly remedy: string;
}

const PROGRAMS: readonly Program[] = [
  {
    command: 'xz',
    component: XZ,
    magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]),
    cut: 'Unexpected end of input',
    remedy: 'apt-get install xz-utils',
  },
  {
    command: 'zstd',
    component: ZSTD,
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    cut: 'Read error (39) : premature end',
    remedy: 'apt-get install zstd',
  },
];

for (const { command, component, magic, cut } of PROGRAMS) {
  const compressed = (text: string) => execFileSync(command, ['-c', '-1'], { input: text });

  describeReal(`replay/input/decompressor: ${command}`, component, () => {
    it('reads a log compressed by it, and counts the compressed bytes', async () => {
      const bytes = compressed(numberedLines(1, 5000));
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
      const bytes = Buffer.concat([compressed(numberedLines(1, 300)), compressed(numberedLines(301, 600))]);
      expect(numbersOf(await new Reading().all(file(bytes)))).to.deep.equal(range(1, 600));
      const reading = new Reading(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]));
      expect(numbersOf(await reading.all('-'))).to.deep.equal(range(1, 600));
    });

    it('reads the whole lines of a file that was cut off, and says so', async () => {
      const reading = new Reading();
      const path = file(compressed(numberedLines(1, 5000)).subarray(0, -20));
      const numbers = numbersOf(await reading.all(path));
      expect(numbers).to.deep.equal(range(1, numbers.length));
      expect(reading.damage).to.deep.equal([
        `${path}: only the beginning (${numbers.length} lines) could be read: ${cut}`,
      ]);
    });

    it('reports damage in a file that only starts like one', async () => {
      const reading = new Reading();
      expect(await reading.all(file(magic))).to.deep.equal([]);
      expect(reading.damage).to.have.length(1);
    });

    it('ends the program when the input is closed before its end', async () => {
      const input = await openInput(file(compressed(numberedLines(1, 50_000))), new Reading());
      expect(await input.read()).to.have.length.above(0);
      await input.close();
      expect(await input.read()).to.equal(undefined);
    });
  });
}

describe('replay/input/decompressor: without the program', () => {
  const before = process.env.PATH;
  beforeEach(() => {
    process.env.PATH = folder();
  });
  afterEach(() => {
    process.env.PATH = before;
  });

  for (const { command, magic, remedy } of PROGRAMS) {
    it(`says that ${command} is missing, and how to install it`, async () => {
      const path = file(magic);
      const error = await openInput(path, new Reading()).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ExitError);
      if (!(error instanceof ExitError)) return;
      expect(error.status).to.equal(EXIT.unavailable);
      expect(error.message).to.include(path).and.include(remedy);
    });
  }
});
