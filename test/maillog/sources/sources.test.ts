// From policy.yml's `maillog` to the sources that are followed.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSources } from '../../../src/maillog/sources/sources.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { describeReal, MOUNT } from '../../harness/real.ts';

async function namesOf(spec: Parameters<typeof openSources>[0]): Promise<string[]> {
  return (await openSources(spec, () => undefined)).map(({ name }) => name);
}

describe('maillog/sources/sources', () => {
  it('are the files that are named, in their order', async () => {
    expect(await namesOf({ type: 'files', files: ['/b.log', '/a.log'] })).to.deep.equal(['/b.log', '/a.log']);
  });

  it('are the journal', async () => {
    expect(await namesOf({ type: 'journal', unit: 'postfix@-.service' })).to.deep.equal(['journal']);
  });

  describeReal('of a host that decides', MOUNT, () => {
    const folder = temporaryFolder();
    const module = new URL('../../../src/maillog/sources/sources.js', import.meta.url).href;
    const names = `import(${JSON.stringify(module)})
      .then(({ openSources }) => openSources({ type: 'auto' }, () => undefined))
      .then((sources) => console.log(sources.map(({ name }) => name).join()));`;

    /** The sources of a host with this in its /var/log, and this in its journal. */
    function namesOn(logs: string, journal: string): string {
      writeFileSync(join(folder, 'journalctl'), `#!/bin/sh\n${journal}\n`, { mode: 0o755 });
      const script = `mount -t tmpfs none /var/log && cd /var/log && ${logs || ':'} && exec "$0" -e "$1"`;
      const args = ['--mount', 'sh', '-c', script, process.execPath, names];
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
      const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', env });
      expect(status, stderr).to.equal(0);
      return stdout.trim();
    }

    const FULL = 'echo an entry';
    for (const [what, logs, journal, expected] of [
      ['Debian’s file', 'touch mail.log maillog', FULL, '/var/log/mail.log'],
      ['Red Hat’s file where there is no other', 'touch maillog', FULL, '/var/log/maillog'],
      [
        'Red Hat’s file where the other is a directory',
        'mkdir mail.log; touch maillog',
        FULL,
        '/var/log/maillog',
      ],
      ['the journal where there is no file', '', FULL, 'journal'],
      ['Debian’s file, awaited, where the journal is empty', '', ':', '/var/log/mail.log'],
      [
        'Debian’s file, awaited, where the journal may not be read',
        '',
        'echo no; exit 1',
        '/var/log/mail.log',
      ],
    ] as const) {
      it(`are ${what}`, () => expect(namesOn(logs, journal)).to.equal(expected));
    }
  });

  it('are one usual file or the journal where the host decides, never none', async () => {
    const names = await namesOf({ type: 'auto' });
    expect(names).to.have.length(1);
    expect(['/var/log/mail.log', '/var/log/maillog', 'journal']).to.include(names[0]);
  });
});
