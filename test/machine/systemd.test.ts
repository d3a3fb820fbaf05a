// The unit under the systemd of Debian 13: readiness, reload, watchdog, and restarts by its socket unit.

import { expect } from 'chai';
import { MINUTE } from '../../src/values/duration.ts';
import { DEBIAN_13 } from '../harness/debian.ts';
import { MailHost } from '../harness/mail-host.ts';
import { PolicyLoad } from '../harness/policy-load.ts';
import { page, section } from '../harness/readme.ts';
import { describeReal } from '../harness/real.ts';
import { figure, scaled } from '../harness/scale.ts';
import { until } from '../harness/until.ts';

const POLICY = '/etc/postblock/policy.yml';
const SOCKET = '/var/spool/postfix/postblock/policy';
const BLOCKED = '192.0.2.60';
const TEXT = 'Your IP is generating excessive authentication failures. Please contact support.';
const RESTARTS = scaled(3);

describeReal('machine: systemd', DEBIAN_13, function () {
  this.timeout(3 * MINUTE + 10_000 * RESTARTS);
  let host: MailHost;

  before(async function () {
    this.timeout(5 * MINUTE);
    host = await MailHost.install();
    await host.machine.run(`postblock block ${BLOCKED} --rule auth-failures --for 1d --reason test`);
  });

  after(() => host?.end());

  const property = async (name: string, unit = 'postblock') =>
    (await host.machine.run(`systemctl show --value --property ${name} ${unit}`)).trim();

  async function reply(): Promise<string> {
    const load = new PolicyLoad({
      socket: host.machine.path(SOCKET),
      connections: 1,
      rate: 1000,
      ask: () => ({ address: BLOCKED, reply: '' }),
    });
    await until('a reply', () => load.figures.wrong.length + load.figures.lost.length > 0);
    const { wrong, lost } = await load.end();
    return wrong[0] ?? lost[0] ?? '';
  }

  it('knows when postblock is ready and what it does, and starts Postfix after that', async () => {
    await host.machine.run('systemctl stop postfix postblock && systemctl start postblock postfix');
    const ready = Number(await property('ActiveEnterTimestampMonotonic'));
    const postfix = Number(await property('InactiveExitTimestampMonotonic', 'postfix'));
    expect(ready).to.be.above(0).and.below(postfix);
    expect(await property('StatusText')).to.match(/^4 rules, \d+ clients tracked, 1 blocked$/);
    expect(await host.visit('knock', BLOCKED)).to.match(/^554 .*\n554 /);
  });

  it('waits in a reload until the new policy runs', async () => {
    for (const text of ['First text.', 'Second text.', TEXT]) {
      await host.machine.run(`
sed -i '/auth-failures:/,/message:/s|message:.*|message: ${text}|' ${POLICY}
systemctl reload postblock`);
      expect(await reply()).to.equal(`${BLOCKED}: action=REJECT ${text}`);
    }
    expect(await property('ActiveState')).to.equal('active');
  });

  it('starts a daemon again that is frozen', async () => {
    await host.machine.run(`
install -d /run/systemd/system/postblock.service.d
printf '[Service]\\nWatchdogSec=3s\\nRestartSec=100ms\\n' > /run/systemd/system/postblock.service.d/test.conf
systemctl daemon-reload && systemctl restart postblock`);
    const pid = await property('MainPID');
    await host.machine.run(`kill -STOP ${pid}`);
    await until('another process', async () => (await property('NRestarts')) === '1', MINUTE);
    await until('its readiness', async () => (await property('ActiveState')) === 'active', MINUTE);
    expect(await property('MainPID')).not.to.equal(pid);
    expect(await reply()).to.equal(`${BLOCKED}: action=REJECT ${TEXT}`);
    await host.machine.run(
      'rm /run/systemd/system/postblock.service.d/test.conf && systemctl daemon-reload && systemctl restart postblock',
    );
  });

  it('loses no request and gives no wrong reply in restarts, with the socket unit as Operations installs it', async () => {
    const [commands = ''] =
      section('Restarts', page('contrib/docs/operations.md')).match(/(?:^ {4}.*\n)+/m) ?? [];
    await host.inCheckout(commands.replaceAll(/^ {4}/gm, ''));
    // A restart may take longer than 2 s on a busy test host.
    await host.machine.run("sed -i 's/timeout=2s/timeout=60s/' /etc/postfix/main.cf && postfix reload");
    const facts = `stat --format='%U:%G %a' ${SOCKET}`;
    expect(await host.machine.run(facts)).to.equal('postblock:postfix 660\n');
    const load = new PolicyLoad({
      socket: host.machine.path(SOCKET),
      connections: 50,
      rate: 5000,
      ask: (number) =>
        number % 2 === 0
          ? { address: BLOCKED, reply: `action=REJECT ${TEXT}` }
          : { address: '198.51.100.1', reply: 'action=DUNNO' },
    });
    for (let restart = 0; restart < RESTARTS; restart++) {
      const before = load.figures.asked;
      await until('requests', () => load.figures.asked > before + 2000);
      await Promise.all([
        host.machine.run('systemctl restart postblock'),
        host.visit('knock', BLOCKED).then((replies) => expect(replies).to.match(/^554 .*\n554 /)),
      ]);
    }
    const { lost, wrong, reopened, asked, longest } = await load.end();
    figure(
      `${RESTARTS} restarts, ${asked} requests, ${lost.length} lost, the longest ${Math.round(longest)} ms`,
    );
    expect({ lost, wrong, reopened }).to.deep.equal({ lost: [], wrong: [], reopened: 0 });
    expect(
      await host.machine.run('journalctl --unit postfix --grep "problem talking" || true'),
    ).not.to.contain('problem talking');
    expect(await host.machine.run(facts)).to.equal('postblock:postfix 660\n');
  });

  it('closes the socket where the daemon cannot start, so that mail does not wait', async () => {
    await host.machine.run(`
sed -i 's/limit: 100/limit: many/' ${POLICY}
systemctl restart postblock || true`);
    await until(
      'the end of the socket',
      async () => {
        await host.visit('knock', '192.0.2.61').catch(() => undefined);
        return (await property('ActiveState', 'postblock.socket')) === 'failed';
      },
      MINUTE,
    );
    await host.machine.run(`
sed -i 's/limit: many/limit: 100/' ${POLICY}
systemctl start postblock.socket postblock`);
    expect(await reply()).to.equal(`${BLOCKED}: action=REJECT ${TEXT}`);
  });
});
