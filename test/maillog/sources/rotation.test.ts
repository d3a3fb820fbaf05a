// The family of a log file: which files beside it are its own, and in which order they were written.

import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { family, finishedAt, successors } from '../../../src/maillog/sources/rotation.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { START } from '../log.ts';

function write(folder: string, name: string, second: number): void {
  writeFileSync(join(folder, name), name);
  utimesSync(join(folder, name), START / 1000 + second, START / 1000 + second);
}

async function namesOf(relatives: Promise<readonly { path: string }[]>): Promise<string[]> {
  return (await relatives).map(({ path }) => basename(path));
}

describe('maillog/sources/rotation', () => {
  it('knows a log’s rotated files, the one written longest ago first and the log itself last', async () => {
    const folder = temporaryFolder();
    write(folder, 'mail.log', 1);
    for (const [i, name] of ['mail.log.3.gz', 'mail.log.2', 'mail.log.1', 'mail.log-20261123'].entries())
      write(folder, name, 10 + i);
    for (const name of ['mail.log2', 'mail.err', 'mail.err.1', 'xmail.log', 'mail.lo', 'mail.logs.1'])
      write(folder, name, 5);
    mkdirSync(join(folder, 'mail.log.d'));
    const relatives = await family(join(folder, 'mail.log'));
    expect(relatives.map(({ path }) => basename(path))).to.deep.equal([
      'mail.log.3.gz',
      'mail.log.2',
      'mail.log.1',
      'mail.log-20261123',
      'mail.log',
    ]);
    expect(relatives.filter(({ isCompressed }) => isCompressed)).to.have.length(1);
    expect(relatives.filter(({ isLog }) => isLog).map(({ path }) => basename(path))).to.deep.equal([
      'mail.log',
    ]);
  });

  it('takes a file written to after another’s last record as its successor', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'mail.log');
    write(folder, 'mail.log.2', 10);
    write(folder, 'mail.log.1', 20);
    write(folder, 'mail.log', 30);
    const at = (second: number) => new Date(START + second * 1000).toISOString();
    const gone = (time?: string) =>
      successors(path, finishedAt({ type: 'file', path, inode: 7, offset: 9, mark: '', at: time }));
    expect(await namesOf(gone(at(5)))).to.deep.equal(['mail.log.2', 'mail.log.1', 'mail.log']);
    expect(await namesOf(gone(at(15)))).to.deep.equal(['mail.log.1', 'mail.log']);
    expect(await namesOf(gone(at(40)))).to.deep.equal(['mail.log']);
    expect(await namesOf(gone())).to.deep.equal(['mail.log']);
  });

  it('finds no files in a missing directory', async () => {
    expect(await family(join(temporaryFolder(), 'missing', 'mail.log'))).to.deep.equal([]);
  });
});
