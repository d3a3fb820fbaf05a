// Opening an input: its properties, and why it cannot be read.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect } from 'chai';
import { EXIT, ExitError } from '../../../src/exit.ts';
import { openInput } from '../../../src/replay/input/input.ts';
import { file, folder, numberedLines, numbersOf, Reading, range } from './inputs.ts';

/** A user who may read nothing of the tests'. */
const NOBODY = 65534;

async function errorOf(path: string, reading = new Reading()): Promise<[number, string]> {
  const error = await openInput(path, reading).catch((thrown: unknown) => thrown);
  if (!(error instanceof ExitError)) throw new Error(`${path} gave no error for the user`, { cause: error });
  expect(error.lines).to.have.length(1);
  return [error.status, error.message];
}

describe('replay/input/input', () => {
  it('has the name, size, bytes and lines of a file', async () => {
    const text = numberedLines(1, 3000);
    const path = file(text);
    const input = await openInput(path, new Reading());
    expect([input.name, input.size, input.lines]).to.deep.equal([path, text.length, 0]);
    let lines = 0;
    for (let batch = await input.read(); batch !== undefined; batch = await input.read()) {
      expect(batch.length).to.be.within(1, 1000);
      lines += batch.length;
      expect(input.lines).to.equal(lines);
    }
    expect([input.bytesRead, input.lines]).to.deep.equal([text.length, 3000]);
    expect(await input.read()).to.equal(undefined);
    await input.close();
  });

  it('reads standard input, of unknown size, in pieces of any size', async () => {
    const bytes = Buffer.from(numberedLines(1, 1000));
    for (const size of [1, 16, 4096, bytes.length]) {
      const pieces = range(0, Math.ceil(bytes.length / size) - 1).map((n) =>
        bytes.subarray(n * size, n * size + size),
      );
      const input = await openInput('-', new Reading(Readable.from(pieces)));
      expect([input.name, input.size]).to.deep.equal(['-', undefined]);
      const numbers: number[] = [];
      for (let batch = await input.read(); batch !== undefined; batch = await input.read())
        numbers.push(...numbersOf(batch));
      expect(numbers, `pieces of ${size}`).to.deep.equal(range(1, 1000));
      expect(input.bytesRead).to.equal(bytes.length);
      await input.close();
    }
  });

  it('takes a line of standard input before more has come', async () => {
    const stdin = new PassThrough();
    stdin.write('\n');
    const opening = openInput('-', new Reading(stdin));
    stdin.write(numberedLines(1, 1));
    const input = await opening;
    expect(numbersOf((await input.read()) ?? [])).to.deep.equal([1]);
    stdin.write(numberedLines(2, 2));
    expect(numbersOf((await input.read()) ?? [])).to.deep.equal([2]);
    await input.close();
  });

  it('reads a named pipe, as a shell makes one of <(…)', async () => {
    const path = join(folder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const writer = spawn('sh', ['-c', `cat > ${path}`], { stdio: ['pipe', 'ignore', 'ignore'] });
    writer.stdin.end(numberedLines(1, 1000));
    const input = await openInput(path, new Reading());
    expect(input.size).to.equal(undefined);
    const numbers: number[] = [];
    for (let batch = await input.read(); batch !== undefined; batch = await input.read())
      numbers.push(...numbersOf(batch));
    expect(numbers).to.deep.equal(range(1, 1000));
    await input.close();
  });

  it('says what is wrong with a path', async () => {
    const directory = folder();
    const none = join(directory, 'none');
    expect(await errorOf(none)).to.deep.equal([EXIT.io, `${none}: cannot be read: no such file`]);
    expect(await errorOf(directory)).to.deep.equal([
      EXIT.usage,
      `${directory}: is a directory; name the files in it`,
    ]);
  });

  it('says that permission to read a file is denied', async () => {
    const path = file('x');
    chmodSync(path, 0);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      expect(await errorOf(path)).to.deep.equal([EXIT.io, `${path}: cannot be read: permission denied`]);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('says which command converts a format that it cannot read', async () => {
    const cases: [Buffer, string][] = [
      [Buffer.from('BZh91AY&SY'), 'is compressed by bzip2, which postblock cannot read; try: bzip2 -dc'],
      [
        Buffer.from('LPKSHHRH\0\0'),
        'is a file of the systemd journal, which postblock cannot read; try: journalctl -o export --file',
      ],
    ];
    for (const [bytes, text] of cases) {
      const path = file(bytes);
      expect(await errorOf(path)).to.deep.equal([
        EXIT.usage,
        `${path}: ${text} ${path} | postblock replay -`,
      ]);
      const [status, message] = await errorOf('-', new Reading(Readable.from([bytes])));
      expect([status, message]).to.deep.equal([EXIT.usage, `-: ${text} … | postblock replay -`]);
    }
  });
});
