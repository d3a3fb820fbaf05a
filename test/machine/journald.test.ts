// A Debian 13 with journald alone, set up as the documentation and the unit say.

import { expect } from 'chai';
import { MINUTE } from '../../src/values/duration.ts';
import { DEBIAN_13 } from '../harness/debian.ts';
import { MailHost } from '../harness/mail-host.ts';
import { README, section } from '../harness/readme.ts';
import { describeReal } from '../harness/real.ts';
import { until } from '../harness/until.ts';

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
    await host.follow(section('Install'), (block) => block.includes('LogRateLimit'));
    await host.visit('guess', '192.0.2.51', 90);
    await host.hasCounted('192.0.2.51', 'rejected-recipients', 90);
  });
});
