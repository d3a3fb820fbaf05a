// A booted standard Debian 13, with postblock installed from source as the documentation says: it counts and blocks, whatever happens to its log.

import { expect } from 'chai';
import { MINUTE } from '../../src/values/duration.ts';
import { DEBIAN_13, RSYSLOG_PACKAGES } from '../harness/debian.ts';
import { MailHost } from '../harness/mail-host.ts';
import { describeReal } from '../harness/real.ts';
import { until } from '../harness/until.ts';

/** What a client does, how many times, and the reply from then on. */
const RULES = [
  [
    'rejected-recipients',
    'guess',
    100,
    'Your IP is sending excessive rejected recipients. Please contact support.',
  ],
  [
    'auth-failures',
    'crack',
    30,
    'Your IP is generating excessive authentication failures. Please contact support.',
  ],
  [
    'connection-spam',
    'scan',
    120,
    'Your IP address is flooding our SMTP server with abusive requests, please contact support.',
  ],
  [
    'rejected-after-data',
    'spam',
    30,
    'Your IP is sending excessive rejected messages. Please contact support.',
  ],
] as const;

interface Log {
  readonly name: string;
  /** the name that postblock uses */
  readonly source: string;
  readonly prepare: string;
  /** commands that remove the lines written before */
  readonly rotate: string;
}

const LOGS: readonly Log[] = [
  {
    name: 'journald alone',
    source: 'journal',
    prepare: '',
    rotate: 'journalctl --rotate && journalctl --vacuum-time=1s',
  },
  {
    name: 'rsyslog',
    source: '/var/log/mail.log',
    prepare: `chroot "$ROOT" sh -c 'dpkg --install ${RSYSLOG_PACKAGES}/*.deb'`,
    rotate: 'logrotate --force /etc/logrotate.d/rsyslog',
  },
];

for (const { name, source, prepare, rotate } of LOGS)
  describeReal(
    `machine: a Debian 13 with ${name}, where the documentation was followed`,
    DEBIAN_13,
    function () {
      this.timeout(3 * MINUTE);
      let host: MailHost;

      before(async function () {
        this.timeout(5 * MINUTE);
        host = await MailHost.install(prepare);
      });

      after(() => host?.end());

      it('is well, and follows its log', async () => {
        expect(await host.machine.run('postblock status')).to.match(/^postblock: all is well\n/);
        expect((await host.status()).log.sources).to.deep.equal([source]);
      });

      it('lets good clients pass', async () => {
        const replies = await host.visit('knock', '192.0.2.10');
        expect(replies).to.match(/^220 .*\n250 2\.1\.5 Ok\n$/);
      });

      for (const [i, [rule, action, limit, text]] of RULES.entries())
        it(`blocks by ${rule}, in the greeting of submission and at RCPT`, async () => {
          const address = `192.0.2.${20 + i}`;
          await host.visit(action, address, limit);
          expect(await host.blocked(address)).to.equal(rule);
          const refusal = `554 5.7.1 <unknown[${address}]>: Client host rejected: ${text}\n`;
          expect(await host.visit('knock', address)).to.equal(refusal.repeat(2));
        });

      it('takes up a new policy.yml at systemctl reload, and keeps its counts', async () => {
        const address = '192.0.2.30';
        await host.visit('guess', address, 5);
        await host.hasCounted(address, 'rejected-recipients', 5);
        await host.machine.run(`sed -i 's/limit: 100/limit: 6/' /etc/postblock/policy.yml`);
        await host.machine.run('systemctl reload postblock');
        await host.visit('guess', address, 1);
        expect(await host.blocked(address)).to.equal('rejected-recipients');
        await host.machine.run(`sed -i 's/limit: 6/limit: 100/' /etc/postblock/policy.yml`);
        await host.machine.run('systemctl reload postblock');
      });

      it('knows, within its unit, the addresses of the host and mynetworks of Postfix', async () => {
        const entryFor = async (address: string) => (await host.show(address)).allowed?.entry;
        expect(await entryFor('192.0.2.1')).to.equal('own');
        expect(await entryFor('198.51.100.7')).to.equal(undefined);
        await host.machine.run(`postconf -e 'mynetworks = 127.0.0.0/8 [::1]/128 198.51.100.0/24'`);
        await host.machine.run(`sed -i 's/^  # - mynetworks/  - mynetworks/' /etc/postblock/policy.yml`);
        await host.machine.run('systemctl reload postblock');
        await until('the reload', async () => (await entryFor('198.51.100.7')) === 'mynetworks');
        await host.machine.run(`sed -i 's/^  - mynetworks/  # - mynetworks/' /etc/postblock/policy.yml`);
        await host.machine.run('systemctl reload postblock');
      });

      it('counts each line once, over rotations of its log, restarts, and the machine off and on again', async () => {
        const address = '192.0.2.40';
        let count = 0;
        const guess = async (more: number) => {
          await host.visit('guess', address, more);
          count += more;
        };
        const hasCounted = () => host.hasCounted(address, 'rejected-recipients', count);
        await guess(20);
        await hasCounted();
        await host.machine.run(rotate);
        await guess(20);
        await hasCounted();
        await guess(20);
        await host.machine.run('systemctl restart postblock');
        await hasCounted();
        await host.machine.run('systemctl stop postblock');
        await guess(20);
        await host.machine.run('systemctl start postblock');
        await hasCounted();
        await guess(19);
        await host.machine.stop();
        await host.machine.start();
        await hasCounted();
        expect((await host.show(address)).block).to.equal(null);
        await guess(1);
        expect(await host.blocked(address)).to.equal('rejected-recipients');
      });

      it('keeps its blocks while it is off, and is well afterwards', async () => {
        expect(await host.visit('knock', '192.0.2.20')).to.contain('554 5.7.1 <unknown[192.0.2.20]>');
        expect((await host.status()).trouble).to.deep.equal([]);
      });
    },
  );
