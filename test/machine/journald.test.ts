// A Debian 13 with journald alone, set up as the documentation and the unit say.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { DEBIAN_13 } from '../harness/debian.ts';
import { MailHost } from '../harness/mail-host.ts';
import { README } from '../harness/readme.ts';
import { describeReal } from '../harness/real.ts';
import { until } from '../harness/until.ts';

const MINUTE = 60_000;
const UNIT = readFileSync(new URL('../../../contrib/postblock.service', import.meta.url), 'utf8');
const POLICY = readFileSync(new URL('../../../policy.yml', import.meta.url), 'utf8');

/** The only match of a pattern's group. */
function only(text: string, pattern: RegExp): string {
  const [, found = ''] = pattern.exec(text) ?? [];
  expect(found, String(pattern)).not.to.equal('');
  return found;
}

describeReal('machine: a Debian 13 with journald alone', DEBIAN_13, function () {
  this.timeout(3 * MINUTE);
  let host: MailHost;

  before(async function () {
    this.timeout(5 * MINUTE);
    host = await MailHost.install();
  });

  after(() => host?.end());

  it('exposes as little of the host as the README states', async () => {
    const stated = only(README, /; (\d\.\d) by the measure of systemd 257/);
    const measured = await host.machine.run('systemd-analyze security --no-pager postblock.service');
    expect(only(measured, /exposure level for postblock\.service: (\d\.\d) OK/)).to.equal(stated);
  });

  it('loses lines of a flood, says so in its status, and loses none once the README was followed', async () => {
    await host.machine.run(`
install -d /etc/systemd/system/postfix.service.d
printf '[Service]\nLogRateLimitIntervalSec=2s\nLogRateLimitBurst=2\n' > /etc/systemd/system/postfix.service.d/burst.conf
systemctl daemon-reload && systemctl restart postfix`);
    // journald logs their number before the next line.
    await until(
      'the trouble in the status',
      async () => {
        await host.visit('guess', '192.0.2.50', 30);
        return (await host.status()).trouble.some(({ what }) => what === 'log-lines-lost');
      },
      MINUTE,
    );
    const trouble = (await host.status()).trouble.find(({ what }) => what === 'log-lines-lost');
    expect(trouble?.reason)
      .to.match(/journald/)
      .and.to.match(/Postfix/);
    await host.follow((block) => block.includes('LogRateLimit'));
    await host.visit('guess', '192.0.2.51', 90);
    await host.hasCounted('192.0.2.51', 'rejected-recipients', 90);
  });

  it('asks it on a unix socket within Postfix’s queue directory', async () => {
    const directory = only(README, /^ +(install -d -o postblock .*)$/m);
    const access = only(UNIT, /^# +(ReadWritePaths=.*)$/m);
    const listener = only(POLICY, /^ +# - (unix: \S+)/m);
    await host.machine.run(`
${directory}
install -d /etc/systemd/system/postblock.service.d
printf '[Service]\n${access}\n' > /etc/systemd/system/postblock.service.d/socket.conf
sed -i 's|^  - inet: .*|  - ${listener}|' /etc/postblock/policy.yml
systemctl daemon-reload && systemctl restart postblock
sed -i 's|inet:127.0.0.1:10040|unix:postblock/policy|' /etc/postfix/main.cf
postfix check && postfix reload`);
    await until('its socket', () =>
      host.status().then(
        () => true,
        () => false,
      ),
    );
    await host.visit('scan', '192.0.2.52', 120);
    expect(await host.blocked('192.0.2.52')).to.equal('connection-spam');
    expect(await host.visit('knock', '192.0.2.52')).to.match(/^554 .*\n554 /);
    expect((await host.status()).policy.listening).to.deep.equal([
      'unix:/var/spool/postfix/postblock/policy',
    ]);
  });
});
