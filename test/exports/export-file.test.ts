// The file of an export: what is replaced, what is not, and what stays after a failure.

import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeExport } from '../../src/exports/export-file.ts';
import { temporaryFolder } from '../harness/folder.ts';

async function failure(done: Promise<void>): Promise<string> {
  return await done.then(
    () => '',
    (error: Error) => error.message,
  );
}

describe('exports/export-file', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder, 'blocked');
  });

  it('replaces a file whole, with its permissions', async () => {
    writeFileSync(file, 'before');
    await writeExport(file, 0o604, ['a\n', 'b\n']);
    expect(readFileSync(file, 'utf8')).to.equal('a\nb\n');
    expect(lstatSync(file).mode & 0o777).to.equal(0o604);
    expect(readdirSync(folder)).to.deep.equal(['blocked']);
  });

  it('replaces a link, and not the file that it leads to', async () => {
    const other = join(folder, 'other');
    writeFileSync(other, 'precious');
    symlinkSync(other, file);
    symlinkSync(other, `${file}.new`);
    await writeExport(file, 0o640, ['a\n']);
    expect(readFileSync(other, 'utf8')).to.equal('precious');
    expect(lstatSync(file).isFile()).to.equal(true);
  });

  it('leaves a pipe, a socket and a directory alone', async () => {
    const [pipe, socket, directory] = ['pipe', 'socket', 'directory'].map((name) => join(folder, name));
    execFileSync('mkfifo', [pipe ?? '']);
    mkdirSync(directory ?? '');
    const server = createServer().listen(socket);
    for (const path of [pipe, socket, directory, '/dev/null'])
      expect(await failure(writeExport(path ?? '', 0o640, ['a\n'])), path).to.equal(
        `${path} is not a regular file`,
      );
    server.close();
    expect(lstatSync('/dev/null').isCharacterDevice()).to.equal(true);
  });

  it('leaves the old file, and nothing else, where the new one proves to be the same', async () => {
    writeFileSync(file, 'before');
    let isWritten = false;
    async function* parts(): AsyncGenerator<string> {
      yield 'x'.repeat(200_000);
      isWritten = true;
    }
    await writeExport(file, 0o640, parts(), () => !isWritten);
    expect(readFileSync(file, 'utf8')).to.equal('before');
    expect(readdirSync(folder)).to.deep.equal(['blocked']);
  });

  it('leaves the old file, and nothing else, where the text ends with an error', async () => {
    writeFileSync(file, 'before');
    function* broken(): Generator<string> {
      yield 'a\n';
      throw new Error('no more');
    }
    expect(await failure(writeExport(file, 0o640, broken()))).to.equal('no more');
    expect(readFileSync(file, 'utf8')).to.equal('before');
    expect(readdirSync(folder)).to.deep.equal(['blocked']);
  });
});
