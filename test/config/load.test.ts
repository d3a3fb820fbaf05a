// Loading policy.yml from disk: what cannot be used ends with code 78 and a line for each mistake.

import { mkdirSync, writeFileSync } from 'node:fs';
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

describe('loading policy.yml', () => {
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

  it('takes a file of the greatest size', async () => {
    writeFileSync(path, RULES.padEnd(1 << 20, '#'));
    expect((await loadConfig(path)).rules).to.have.lengthOf(1);
  });
});
