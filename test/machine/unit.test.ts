// The unit on a booted Debian 13: its sockets and who may use them, its reload, and when it is started again.

import { expect } from 'chai';
import { MINUTE } from '../../src/values/duration.ts';
import { DEBIAN_13 } from '../harness/debian.ts';
import { MailHost } from '../harness/mail-host.ts';
import { describeReal } from '../harness/real.ts';
import { until } from '../harness/until.ts';

const POLICY = '/etc/postblock/policy.yml';
const SOCKET = 'unix:/var/spool/postfix/postblock/policy';

/** What Node reports of itself: the entry point sees an older one. */
const OLD_NODE =
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.4'}})";

interface Ended {
  readonly status: number;
  readonly text: string;
}

describeReal('machine: the unit on Debian 13', DEBIAN_13, function () {
  this.timeout(3 * MINUTE);
  let host: MailHost;

  before(async function () {
    this.timeout(5 * MINUTE);
    host = await MailHost.install();
    await host.machine.run('groupadd mail-support && useradd --groups mail-support alice && useradd bob');
  });

  after(() => host?.end());

  /** Runs a command that may fail. */
  async function ended(command: string): Promise<Ended> {
    const output = await host.machine.run(`{ ${command}; } 2>&1 && echo 0 || echo $?`);
    const lines = output.trimEnd().split('\n');
    return { status: Number(lines.pop()), text: lines.join('\n') };
  }

  const as = (user: string, command: string) => ended(`runuser -u ${user} -- ${command}`);
  const property = async (name: string) =>
    (await host.machine.run(`systemctl show --value --property ${name} postblock`)).trim();

  async function isWell(): Promise<void> {
    await until('postblock to be well', async () => (await ended('postblock status')).status === 0, MINUTE);
  }

  async function dropIn(lines: string): Promise<void> {
    await host.machine.run(`
install -d /etc/systemd/system/postblock.service.d
cat > /etc/systemd/system/postblock.service.d/test.conf <<'END'
[Service]
${lines}
END
systemctl daemon-reload`);
  }

  it('makes a directory that only postblock and postfix may enter, for the socket of the policy service', async () => {
    const facts = await host.machine.run(
      "cd /var/spool/postfix && stat --format='%U:%G %a' postblock postblock/policy",
    );
    expect(facts).to.equal('postblock:postfix 2750\npostblock:postfix 660\n');
    expect((await host.status()).policy.listening).to.deep.equal([SOCKET]);
    expect((await as('bob', 'ls /var/spool/postfix/postblock')).text).to.contain('Permission denied');
    expect((await ended('postfix check')).text).to.equal('');
  });

  for (const [where, chroot] of [
    ['out of', 'n'],
    ['in', 'y'],
  ] as const)
    it(`is asked by smtpd ${where} its chroot`, async () => {
      await host.machine.run(`
for service in smtp/inet submissions/inet; do postconf -F $service/chroot=${chroot}; done
systemctl restart postfix`);
      const address = chroot === 'y' ? '192.0.2.60' : '192.0.2.61';
      await host.machine.run(`postblock block ${address} --rule auth-failures --for 1h --reason test`);
      expect(await host.visit('knock', address)).to.match(/^554 .*\n554 /);
    });

  it('is asked over TCP, where policy.yml and main.cf say so', async () => {
    await host.machine.run(`
sed -i 's|^  - unix: .*|&\\n  - inet: 127.0.0.1:10040|' ${POLICY}
systemctl reload postblock
sed -i 's|unix:postblock/policy|inet:127.0.0.1:10040|' /etc/postfix/main.cf`);
    await until('its listener', async () => (await host.status()).policy.listening.length === 2);
    await host.machine.run('postfix reload');
    expect(await host.visit('knock', '192.0.2.60')).to.match(/^554 .*\n554 /);
    await host.machine.run(`
sed -i 's|inet:127.0.0.1:10040|unix:postblock/policy|' /etc/postfix/main.cf
sed -i '/^  - inet: 127/d' ${POLICY}
postfix reload && systemctl reload postblock`);
  });

  it('lets root and members of its own group use the desk, and advises others', async () => {
    expect((await as('bob', 'postblock list')).text).to.match(
      /^postblock: no permission to use \S+ or \/run\/postblock\/control\.sock\npostblock: .* group postblock /,
    );
    expect((await as('bob', 'postblock status')).status).to.equal(77);
    await host.machine.run('usermod -aG postblock bob');
    expect((await as('bob', 'postblock status')).status).to.equal(0);
    await host.machine.run('gpasswd --delete bob postblock');
  });

  it('lets members of control-group use the desk, who can do nothing else, and advises others', async () => {
    await host.machine.run(`
usermod -aG mail-support postblock
sed -i 's/^# control-group: .*/control-group: mail-support/' ${POLICY}
systemctl restart postblock`);
    await isWell();
    expect((await as('alice', 'postblock status')).text).to.match(/^postblock: all is well/);
    expect((await as('alice', 'postblock unblock 192.0.2.60 --reason test')).status).to.equal(0);
    expect((await as('alice', 'ls /var/lib/postblock')).text).to.contain('Permission denied');
    const refused = await as('bob', 'postblock unblock 192.0.2.61 --reason test');
    expect(refused.text).to.match(/no permission to use .*\n.* sudo, .* group mail-support /);
    expect(refused.status).to.equal(77);
    await host.machine.run('systemctl stop postblock');
    const stopped = await as('alice', 'postblock status');
    expect(stopped.text).to.contain('no daemon answers on /run/postblock/control.sock');
    expect(stopped.status).to.equal(69);
    await host.machine.run('systemctl start postblock');
    await isWell();
  });

  it('fails a reload of a policy with mistakes, shows them, and keeps the running one', async () => {
    await host.machine.run(`cp ${POLICY} /root/policy.yml && sed -i 's/limit: 100/limit: many/' ${POLICY}`);
    const refused = await ended('systemctl reload postblock');
    expect(refused.status).not.to.equal(0);
    expect(refused.text).to.contain('systemctl status postblock');
    expect((await ended('systemctl --no-pager status postblock')).text).to.match(
      /policy\.yml:\d+:\d+: rules\.rejected-recipients\.limit: /,
    );
    expect(await property('ActiveState')).to.equal('active');
    expect(await host.visit('knock', '192.0.2.61')).to.match(/^554 .*\n554 /);
    await host.machine.run(`cp /root/policy.yml ${POLICY} && systemctl reload postblock`);
  });

  it('checks at a reload what policy.yml names, refuses no good one, and a password that all users can read', async () => {
    const folder = '/etc/postblock';
    await host.machine.run(`cp ${POLICY} /root/policy.yml
install -m 640 -g postblock /dev/null ${folder}/share.password
install -m 640 -g postblock /dev/null ${folder}/webhook.secret
echo a-password > ${folder}/share.password && openssl rand -base64 32 > ${folder}/webhook.secret
cat >> ${POLICY} <<'END'
share-state: {url: "redis://127.0.0.1:1", password-file: ${folder}/share.password}
on-block:
  - {webhook: "http://127.0.0.1:1/x", secret-file: ${folder}/webhook.secret, events: [breaker]}
  - {command: [/bin/true], events: [breaker]}
export:
  - {format: plain, file: /var/lib/postblock/blocked}
metrics: {unix: /run/postblock/metrics.sock}
END`);
    const reloaded = await ended('systemctl reload postblock');
    expect(reloaded.status, reloaded.text).to.equal(0);
    const status = (await ended('systemctl --no-pager status postblock')).text;
    expect(status)
      .to.match(/check.*status=0\/SUCCESS/)
      .and.not.match(/(?:warning|error|note): (?!maillog)/);
    const files = 'test -S /run/postblock/metrics.sock && test -f /var/lib/postblock/blocked';
    await until('the socket and the file', async () => (await ended(files)).status === 0);
    const other = await as('bob', 'postblock check');
    expect(other.status, other.text).to.equal(0);
    expect(other.text)
      .to.match(/^note: state: not checked/m)
      .and.not.match(/^error: /m);
    await host.machine.run(`chmod 644 ${folder}/share.password`);
    expect((await ended('systemctl reload postblock')).status).not.to.equal(0);
    expect((await ended('systemctl --no-pager status postblock')).text).to.contain('all users can read');
    await host.machine.run(`cp /root/policy.yml ${POLICY} && systemctl reload postblock`);
    await isWell();
  });

  it('has the path of the schema in its policy.yml, for editors', async () => {
    await host.machine.run(`test -f "$(sed -n 's/^# yaml-language-server: .schema=//p' ${POLICY})"`);
  });

  it('is started again for as long as an address is in use', async () => {
    await host.machine.run('systemctl stop postblock');
    await dropIn(`ExecStart=
ExecStart=/usr/bin/postblock serve --policy /root/taken.yml
ProtectHome=no
RestartSec=200ms`);
    await host.machine.run(`
systemd-run --unit taken systemd-socket-activate --listen=127.0.0.1:10050 cat
sed 's|^  - unix: .*|  - inet: 127.0.0.1:10050|' ${POLICY} > /root/taken.yml
chmod 755 /root && systemctl start --no-block postblock`);
    await until('ten attempts', async () => Number(await property('NRestarts')) >= 10, MINUTE);
    expect(await host.machine.run('journalctl --unit postblock')).to.contain(
      '127.0.0.1:10050: listen EADDRINUSE',
    );
    await host.machine.run('systemctl stop taken');
    await isWell();
  });

  it('is not started again where Node is too old', async () => {
    await host.machine.run('systemctl stop postblock');
    await dropIn(`Environment="NODE_OPTIONS=--import=${OLD_NODE}"`);
    await host.machine.run('systemctl start postblock || true');
    await until('its end', async () => (await property('ActiveState')) === 'failed');
    expect(await property('ExecMainStatus')).to.equal('78');
    expect(await property('NRestarts')).to.equal('0');
    expect((await ended('systemctl --no-pager status postblock')).text).to.contain(
      'Node 20.19 or later is required; /usr/bin/node is Node 18.20.4',
    );
  });
});
