// Loading policy.yml from disk: what cannot be used ends with code 78 and a line for each mistake.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConfig } from '../../src/config/load.ts';
import { ExitError } from '../../src/exit.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { RULES } from './text.ts';

async function refusalOf(path: string): Promise<ExitError> {
  const error: unknown = await loadConfig(path).catch((reason: unknown) => reason);
  if (error instanceof ExitError) return error;
  throw new Error('an ExitError was expected', { cause: error });
}

describe('config/load: loading policy.yml', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'policy.yml');

  it("gives the config, with paths from the file's own folder", async () => {
    writeFileSync(path, RULES);
    expect((await loadConfig(path)).state).to.equal(join(folder, 'state'));
  });

  it('ends with 78 and each mistake in a line that begins with the path', async () => {
    writeFileSync(path, `ipv6-prefix: 0\nspool: x\n${RULES}`);
    const { status, lines } = await refusalOf(path);
    expect(status).to.equal(78);
    expect(lines.map((line) => line.split(' ', 2).join(' '))).to.deep.equal([
      `${path}:1:14: ipv6-prefix:`,
      `${path}:2:1: spool:`,
    ]);
  });

  it('ends with 78 where there is no file, a folder, or far too much', async () => {
    const huge = join(folder, 'huge.yml');
    writeFileSync(huge, '#'.repeat((1 << 20) + 1));
    mkdirSync(join(folder, 'folder.yml'));
    for (const name of ['none.yml', 'folder.yml', 'huge.yml']) {
      const { status, lines } = await refusalOf(join(folder, name));
      expect(status).to.equal(78);
      expect(lines).to.have.lengthOf(1);
      expect(lines[0]).to.include(`${name}: cannot be read: `);
    }
  });

  const others: readonly (readonly [what: string, text: string, make: (path: string) => Promise<void>])[] = [
    ['a directory', 'a directory', async (path) => mkdirSync(path)],
    ['a pipe that nobody writes to', 'a pipe', async (path) => void spawnSync('mkfifo', [path])],
    [
      'a link to a pipe',
      'a pipe',
      async (path) => {
        spawnSync('mkfifo', [`${path}.fifo`]);
        symlinkSync(`${path}.fifo`, path);
      },
    ],
    ['a device without end', 'a device', async (path) => symlinkSync('/dev/zero', path)],
    [
      'a socket',
      'a socket',
      async (path) => {
        const server = createServer().listen(path);
        await once(server, 'listening');
        server.unref();
      },
    ],
  ];
  for (const [what, text, make] of others) {
    it(`ends with 78 where it is ${what}, without waiting for it`, async () => {
      const path = join(temporaryFolder(), 'policy.yml');
      await make(path);
      const { status, lines } = await refusalOf(path);
      expect(status).to.equal(78);
      expect(lines).to.deep.equal([`${path}: cannot be read: is ${text}; expected a regular file`]);
    });
  }

  it('takes a link to a plain file', async () => {
    const link = join(temporaryFolder(), 'policy.yml');
    writeFileSync(path, RULES);
    symlinkSync(path, link);
    expect((await loadConfig(link)).rules).to.have.lengthOf(1);
  });

  it('takes a file of the greatest size', async () => {
    writeFileSync(path, RULES.padEnd(1 << 20, '#'));
    expect((await loadConfig(path)).rules).to.have.lengthOf(1);
  });

  it('tells each line that is not UTF-8, by its place', async () => {
    const path = join(temporaryFolder(), 'policy.yml');
    writeFileSync(path, Buffer.from('state: x\nlog: {file: caf\xe9.log}\n# \xff\n# caf\u00e9\n', 'latin1'));
    const error: unknown = await loadConfig(path).catch((thrown: unknown) => thrown);
    const [first, second, third] = [`${path}:2:16: `, `${path}:3:3: `, `${path}:4:6: `];
    expect(error).to.have.property('status', 78);
    expect(error)
      .to.have.property('lines')
      .that.deep.equals(
        [first, second, third].map((place) => `${place}is not UTF-8; expected text in UTF-8`),
      );
  });

  it('reports that a file in UTF-16 is not UTF-8', async () => {
    const path = join(temporaryFolder(), 'policy.yml');
    writeFileSync(path, Buffer.from(`\ufeff${RULES}`, 'utf16le'));
    const error: unknown = await loadConfig(path).catch((thrown: unknown) => thrown);
    expect(error)
      .to.have.property('lines')
      .that.deep.equals([`${path}:1:1: is not UTF-8; expected text in UTF-8`]);
  });
});
