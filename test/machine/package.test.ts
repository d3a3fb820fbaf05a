// The life of the Debian package on a booted Debian 13: installed, upgraded, reconfigured, removed, purged, installed again.

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { MINUTE } from '../../src/values/duration.ts';
import { DEBIAN_13 } from '../harness/debian.ts';
import { builtPackage, VERSION } from '../harness/debian-package.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { MailHost } from '../harness/mail-host.ts';
import { README, section } from '../harness/readme.ts';
import { DEBHELPER, describeReal } from '../harness/real.ts';

/** A version before every other. */
const OLD = '0.9.0';

const ABUSER = '192.0.2.20';
const REFUSAL = `554 5.7.1 <unknown[${ABUSER}]>: Client host rejected: Your IP is sending excessive rejected recipients.`;

const APT = 'DEBIAN_FRONTEND=noninteractive apt-get --yes';

/** Not of the package: what apt, dpkg, systemd, Postfix and this test write themselves. */
const OTHERS =
  /^\/(?:proc|sys|run|tmp|dev|root|var\/(?:cache|tmp)|var\/log\/(?:apt|journal|dpkg\.log|alternatives\.log)|var\/lib\/(?:dpkg|apt|systemd|postfix|dovecot|logrotate)|var\/spool\/postfix\/(?!postblock)|etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-)/;

describeReal('machine: the Debian package', DEBHELPER, () => {
  describeReal('machine: the Debian package on Debian 13', DEBIAN_13, function () {
    this.timeout(3 * MINUTE);
    let host: MailHost;
    let filesBefore: readonly string[];

    const run = (commands: string) => host.machine.run(commands);

    /** Paths of all files of the machine. */
    async function files(): Promise<string[]> {
      const all = (await run('find / -xdev')).trimEnd().split('\n');
      return all.filter((path) => !OTHERS.test(path)).sort();
    }

    const mainPid = () => run('systemctl show --value --property MainPID postfix');

    before(async function () {
      this.timeout(5 * MINUTE);
      const folder = temporaryFolder();
      copyFileSync(builtPackage({ version: OLD }), join(folder, 'old.deb'));
      host = await MailHost.boot(`cp ${folder}/old.deb "$ROOT/root/"`);
      filesBefore = await files();
    });

    after(() => host?.end());

    it('blocks the first flood after its installation and the three lines that it prints', async () => {
      const postfix = await mainPid();
      const printed = await run(`${APT} install /root/old.deb`);
      expect(printed).to.include('postblock runs.');
      expect(await mainPid()).to.equal(postfix);
      const lines = printed.split('\n').filter((line) => /^ {4}\w+ = .*postblock/.test(line));
      expect(lines).to.have.lengthOf(3);
      await run(`cat >> /etc/postfix/main.cf <<'END'\n${lines.map((line) => line.trim()).join('\n')}\nEND`);
      await host.inCheckout('cat contrib/master.cf >> /etc/postfix/master.cf');
      await run('postfix reload && postblock check --postfix');
      await host.isWell();
      expect(await host.visit('knock', '192.0.2.10')).to.match(/\n250 2\.1\.5 Ok\n$/);
      await host.visit('guess', ABUSER, 100);
      expect(await host.blocked(ABUSER)).to.equal('rejected-recipients');
      expect(await host.visit('knock', ABUSER)).to.include(REFUSAL);
    });

    it('has the unit that exposes as little as the README states, and the manual', async () => {
      const [, stated] = /; (\d\.\d) by the measure of systemd 257/.exec(README) ?? [];
      const measured = await run('systemd-analyze security --no-pager postblock.service');
      expect(measured).to.include(`exposure level for postblock.service: ${stated} OK`);
      expect(await run('systemctl is-enabled postblock')).to.equal('enabled\n');
      expect(await run('man --path postblock')).to.include('/usr/share/man/man1/postblock.1');
      expect(await run('logrotate --debug /etc/logrotate.d/postblock 2>&1')).not.to.include('error:');
    });

    it('keeps counts, blocks and an edited policy.yml over an upgrade to what the README builds', async () => {
      await host.visit('guess', '192.0.2.30', 7);
      await host.hasCounted('192.0.2.30', 'rejected-recipients', 7);
      await run(`sed -i 's/limit: 100/limit: 8/' /etc/postblock/policy.yml`);
      await host.follow(section('Install'), (block) => block.includes('contrib/debian/build'));
      expect(await run('postblock --version')).to.equal(`postblock ${VERSION}\n`);
      await host.isWell();
      expect((await host.status()).release).to.equal(VERSION);
      expect((await host.show(ABUSER)).block?.rule).to.equal('rejected-recipients');
      expect(await host.visit('knock', ABUSER)).to.include(REFUSAL);
      await host.visit('guess', '192.0.2.30', 1);
      expect(await host.blocked('192.0.2.30')).to.equal('rejected-recipients');
    });

    it('says nothing and keeps running when it is configured again', async () => {
      expect(await run('dpkg-reconfigure --frontend=noninteractive postblock')).not.to.include('main.cf');
      await host.isWell();
      expect((await host.show(ABUSER)).block?.rule).to.equal('rejected-recipients');
    });

    it('lets mail flow when it is removed, and keeps policy and state', async () => {
      await run(`${APT} remove postblock`);
      expect(await run('systemctl is-active postblock || true')).to.equal('inactive\n');
      expect(await run('command -v postblock || echo none')).to.equal('none\n');
      expect(await host.visit('knock', '192.0.2.10')).to.match(/\n250 2\.1\.5 Ok\n$/);
      expect(await run('ls /etc/postblock /var/lib/postblock'))
        .to.include('policy.yml')
        .and.include('snapshot');
    });

    it('takes up its blocks again when it is installed again, and prints nothing new', async () => {
      const printed = await run(`${APT} install /root/postblock/postblock_${VERSION}_all.deb`);
      expect(printed).not.to.include('main.cf');
      await host.isWell();
      expect((await host.show(ABUSER)).block?.rule).to.equal('rejected-recipients');
    });

    it('leaves nothing when it is purged', async () => {
      const printed = await run(`${APT} purge postblock 2>&1 && systemctl daemon-reload`);
      expect(printed).not.to.include('warning');
      const left = (await files()).filter((path) => !filesBefore.includes(path));
      expect(left).to.deep.equal([]);
      expect(await run('ls -d /run/postblock /var/lib/dpkg/info/postblock* 2>/dev/null || true')).to.equal(
        '',
      );
      expect(await run('systemctl list-unit-files --no-legend "postblock*" || true')).to.equal('');
      expect(await host.visit('knock', '192.0.2.10')).to.match(/\n250 2\.1\.5 Ok\n$/);
    });

    it('can be installed after that, with nothing of before', async () => {
      expect(await run(`${APT} install /root/postblock/postblock_${VERSION}_all.deb`)).to.include('main.cf');
      await host.isWell();
      expect((await host.show(ABUSER)).block).to.equal(null);
    });
  });
});
