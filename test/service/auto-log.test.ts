// `maillog: auto` on a host that has no mail log: the daemon says what it looked for, and follows a log that appears.

import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { describeReal, MOUNT } from '../harness/real.ts';
import { until } from '../harness/until.ts';
import { rejectedRecipient, times } from './mail.ts';

const FAST = fileURLToPath(new URL('../harness/fast-clock.js', import.meta.url));
const IP = '192.0.2.1';

/** A daemon of a host with an empty /var/log. @param journalctl what its shell script does; undefined for none */
async function started(journalctl?: string): Promise<{ daemon: TestDaemon; bin: string }> {
  const bin = temporaryFolder();
  for (const program of ['sh', 'mount', 'getent']) symlinkSync(`/bin/${program}`, join(bin, program));
  if (journalctl !== undefined)
    writeFileSync(join(bin, 'journalctl'), `#!/bin/sh\n${journalctl}\n`, { mode: 0o755 });
  const daemon = new TestDaemon({
    env: { PATH: bin, NODE_OPTIONS: `--import ${FAST}` },
    through: ['/usr/bin/unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /var/log && exec "$0" "$@"'],
  });
  daemon.writePolicy(SMALL_RULES, daemon.head().replace(/maillog: .*/, 'maillog: auto'));
  daemon.spawn();
  await daemon.said(/ ready /);
  return { daemon, bin };
}

/** Appends to a file of the daemon's own /var/log. */
function write({ pid }: TestDaemon, name: string, ...lines: readonly string[]): void {
  const text = lines.map((line) => `${line}\n`).join('');
  writeFileSync(`/proc/${pid}/root/var/log/${name}`, text, { flag: 'a' });
}

const refused = () => times(3, () => rejectedRecipient(IP));

describeReal('service: maillog: auto without a mail log', MOUNT, () => {
  afterEach(endDaemons);

  const journals: readonly (readonly [what: string, script: string | undefined, reason: string])[] = [
    ['there is no journalctl', undefined, 'there is no journalctl'],
    ['the journal may not be read', ':', 'the journal has no entry that user ID 0 may read'],
    [
      'journalctl fails',
      'echo "No journal files were found." >&2; exit 1',
      'journalctl fails: No journal files',
    ],
  ];
  for (const [what, script, reason] of journals)
    it(`says what was looked for, and what to do: ${what}`, async () => {
      const { daemon } = await started(script);
      const [line] = await daemon.said(/.* log-source-lost .*/);
      expect(line).to.contain(
        'maillog: auto finds no log: there is no /var/log/mail.log, no /var/log/maillog, and',
      );
      expect(line).to.contain(reason);
      expect(line).to.contain('name the log under maillog: in policy.yml');
    });

  it('follows /var/log/mail.log from its first line as soon as it exists', async () => {
    const { daemon } = await started();
    await daemon.said(/ log-source-lost /);
    write(daemon, 'mail.log', ...refused());
    await daemon.said(/ log-source-found source=\/var\/log\/mail\.log/);
    await daemon.said(new RegExp(` block ip=${IP} `));
  });

  it('follows /var/log/maillog within a minute after it exists', async () => {
    const { daemon } = await started();
    await daemon.said(/ log-source-lost /);
    write(daemon, 'maillog');
    await daemon.said(/ log-source source=\/var\/log\/maillog/);
    // From its end: where that is, nobody sees.
    await until('the block', () => {
      write(daemon, 'maillog', ...refused());
      return daemon.output.includes(` block ip=${IP} `);
    });
  });

  it('follows the journal within a minute after there is one', async () => {
    const { daemon, bin } = await started();
    await daemon.said(/ log-source-lost /);
    const script = '#!/bin/sh\ncase "$*" in *--follow*) exec sleep 60;; *) echo an entry;; esac\n';
    symlinkSync('/bin/sleep', join(bin, 'sleep'));
    writeFileSync(join(bin, 'journalctl'), script, { mode: 0o755 });
    await daemon.said(/ log-source source=journal/);
    expect(readFileSync(daemon.policy, 'utf8')).to.contain('maillog: auto');
  });
});
