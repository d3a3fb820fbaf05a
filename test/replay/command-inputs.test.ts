// The inputs of postblock replay: several logs in any order, twice the same log, and files that are not logs.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { folderWith, LOG, linesOf, reportOf, run } from './replay-run.ts';

describe('replay/command-inputs: postblock replay', () => {
  it('says that no line of Postfix was read, and ends with 1', () => {
    const folder = folderWith(['Nov 23 10:00:00 mx dovecot: imap-login: x']);
    const { status, stdout } = run(folder, 'mail.log');
    expect(status).to.equal(1);
    expect(stdout).to.include('No line of Postfix was read');
  });

  it('says that a file is not a log, in the report and on standard error', () => {
    const folder = folderWith();
    writeFileSync(join(folder, 'photo.jpg'), Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 251)));
    writeFileSync(join(folder, 'notes.txt'), 'hello\n\nworld\n');
    const alone = run(folder, 'notes.txt');
    const words = 'notes.txt is not a log: none of its 3 lines has the form of a log line.';
    expect([alone.status, alone.stderr]).to.deep.equal([1, `postblock: ${words}\n`]);
    expect(alone.stdout).to.include(words).and.not.to.include('Blind spots');
    const { stdout, stderr } = run(folder, 'photo.jpg', 'mail.log', 'notes.txt', '--json');
    const { blindSpots, notes, read } = reportOf({ stdout });
    expect(blindSpots).to.deep.equal({ unreadable: [], uncounted: [], others: 0 });
    expect(notes).to.have.length(1);
    expect(notes[0]).to.match(/^2 inputs are not logs: .*photo\.jpg/);
    expect(stderr).to.equal(`postblock: ${notes[0]}\n`);
    expect(read.records).to.equal(7);
  });

  it('reports the lines of a log that it cannot read as blind spots', () => {
    const folder = folderWith(['no line', ...LOG, 'nor this one']);
    writeFileSync(join(folder, 'odd.log'), '§ postfix/smtpd[311]: connect from a[192.0.2.1]\n');
    const { blindSpots, notes } = reportOf(run(folder, 'mail.log', 'odd.log', '--json'));
    expect(blindSpots.unreadable.map(({ count }) => count)).to.deep.equal([1, 1, 1]);
    expect(notes).to.deep.equal([]);
  });

  it('gives the same report for any order of the files', () => {
    const folder = folderWith();
    for (const [i, part] of [LOG.slice(0, 2), LOG.slice(2, 5), LOG.slice(5)].entries())
      writeFileSync(join(folder, `part${i}`), part.map((text) => `${text}\n`).join(''));
    const found = ['012', '021', '102', '120', '201', '210'].map((order) => {
      const { stdout } = run(folder, ...[...order].map((i) => `part${i}`), '--json');
      const { read, ...report } = reportOf({ stdout });
      return [...linesOf(stdout).slice(0, -1), report, { ...read, sources: [] }];
    });
    for (const one of found.slice(1)) expect(one).to.deep.equal(found[0]);
    expect(found[0]?.length).to.equal(4);
  });

  it('counts lines of two logs once, and says so in the report and on standard error', () => {
    const folder = folderWith();
    const alone = reportOf(run(folder, 'mail.log', '--json'));
    writeFileSync(join(folder, 'mail.info'), gzipSync(readFileSync(join(folder, 'mail.log'))));
    for (const names of [
      ['mail.log', 'mail.info'],
      ['mail.info', 'mail.log'],
    ]) {
      const result = run(folder, ...names, '--json');
      const { read, notes, ...found } = reportOf(result);
      const { read: readAlone, notes: _, ...foundAlone } = alone;
      expect(found).to.deep.equal(foundAlone);
      expect(read).to.include({ records: readAlone.records, repeated: readAlone.records });
      expect(notes).to.deep.equal([
        'mail.log and mail.info contain 7 equal lines of Postfix: each counts once.',
      ]);
      expect(result.stderr).to.equal(`postblock: ${notes[0]}\n`);
    }
  });
});
