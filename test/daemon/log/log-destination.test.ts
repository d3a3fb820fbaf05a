// Destinations of log lines: whole lines in order, whatever the file is and however it is read.

import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LogFile } from '../../../src/daemon/log/log-destination.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/until.ts';

describe('daemon/log/log-destination: a file', () => {
  let path: string;
  let lost: number;

  function place(after?: Promise<void>): LogFile {
    return new LogFile(
      path,
      (lines) => {
        lost += lines;
      },
      after,
    );
  }

  beforeEach(() => {
    path = join(temporaryFolder(), 'postblock.log');
    lost = 0;
  });

  it('is there before its first line, closed to others', async () => {
    const before = process.umask(0);
    try {
      const file = place();
      await until('the file', () => statSync(path, { throwIfNoEntry: false }) !== undefined);
      expect(statSync(path).mode & 0o777).to.equal(0o640);
      file.end();
      await file.ended;
    } finally {
      process.umask(before);
    }
  });

  it('holds every line in its order when it has ended', async () => {
    const file = place();
    for (let i = 0; i < 1000; i++) {
      file.write(`${i}\n`);
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    file.end();
    await file.ended;
    expect(readFileSync(path, 'utf8')).to.equal(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(''));
    expect(lost).to.equal(0);
  });

  it('begins when it may, with all lines so far', async () => {
    let begin: () => void = () => undefined;
    const file = place(
      new Promise((resolve) => {
        begin = resolve;
      }),
    );
    file.write('a\n');
    file.end();
    expect(statSync(path, { throwIfNoEntry: false })).to.equal(undefined);
    begin();
    await file.ended;
    expect(readFileSync(path, 'utf8')).to.equal('a\n');
  });

  it('stays the one that was opened when it is renamed', async () => {
    const file = place();
    file.write('a\n');
    await until('the line', () => statSync(path, { throwIfNoEntry: false })?.size === 2);
    renameSync(path, `${path}.1`);
    file.write('b\n');
    file.end();
    await file.ended;
    expect(readFileSync(`${path}.1`, 'utf8')).to.equal('a\nb\n');
  });

  it('that cannot be opened loses its lines, reports how many, and is tried again', async () => {
    path = join(path, 'postblock.log');
    const file = place();
    for (const line of ['a\n', 'b\n']) file.write(line);
    await until('the loss', () => lost === 2);
    spawnSync('mkdir', [join(path, '..')]);
    file.write('c\n');
    file.end();
    await file.ended;
    expect(readFileSync(path, 'utf8')).to.equal('c\n');
  });

  it('that is full loses lines, and reports how many', async () => {
    path = '/dev/full';
    const file = place();
    for (let i = 0; i < 5; i++) file.write('line\n');
    file.end();
    await file.ended;
    expect(lost).to.equal(5);
  });

  it('that is full in the middle of a line loses that line and later ones, and starts the next one on a new line', async () => {
    expect(spawnSync('mkfifo', [path]).status).to.equal(0);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const file = place();
    const lines = Array.from({ length: 100 }, (_, i) => `${String(i).padStart(4, '0')}${'x'.repeat(2995)}\n`);
    for (const line of lines) file.write(line);
    await until('the loss', () => lost > 0);
    const text = () => {
      const bytes = Buffer.alloc(1 << 20);
      return bytes.toString('utf8', 0, readSync(reader, bytes));
    };
    let read = text();
    file.write('after\n');
    file.end();
    await file.ended;
    read += text();
    closeSync(reader);
    const whole = read.split('\n').filter((line) => line.length === 2999);
    expect(whole).to.deep.equal(lines.slice(0, 100 - lost).map((line) => line.trimEnd()));
    expect(read).to.match(/\nafter\n$/);
  });

  it('that is a pipe without a reader is no reason to wait', async () => {
    expect(spawnSync('mkfifo', [path]).status).to.equal(0);
    const file = place();
    file.write('a\n');
    file.end();
    await file.ended;
    expect(lost).to.equal(1);
  });

  it('keeps a bounded number of bytes that its disk does not take', async () => {
    const file = place(new Promise(() => undefined));
    const line = `${'x'.repeat((1 << 20) - 1)}\n`;
    for (let i = 0; i < 100; i++) file.write(line);
    expect(lost).to.be.within(60, 70);
  });
});
