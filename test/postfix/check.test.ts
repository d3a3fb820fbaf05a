// postblock check --postfix with configurations that the real postconf reads.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CLI, TestDaemon } from '../harness/daemon.ts';
import { ROOT } from '../harness/readme.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';

const LEVEL = 'compatibility_level = 2\n';
const SMTP = 'smtp inet n - y - - smtpd\n';

/** Runs check for a policy that listens at the documented addresses. @returns its lines after the rules */
function check(main: string, master: string, ...args: string[]) {
  const daemon = new TestDaemon();
  daemon.append('');
  const listen = '[{inet: "127.0.0.1:10040"}, {unix: /var/spool/postfix/postblock/policy}]';
  daemon.writePolicy(
    '  r: {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.}\n',
    daemon.head().replace(/^listen: .*/, `listen: ${listen}`),
  );
  const directory = join(daemon.folder, 'postfix');
  mkdirSync(directory);
  writeFileSync(join(directory, 'main.cf'), LEVEL + main);
  writeFileSync(join(directory, 'master.cf'), master);
  const command = [CLI, 'check', '--postfix', '-c', directory, '--policy', daemon.policy, ...args];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  const [, ...lines] = stdout.trimEnd().split('\n');
  // What another process on this host listens at is not what is tested here.
  return { status, stderr, lines: lines.filter((line) => !line.startsWith('error: listen: ')) };
}

function shipped(name: string): string {
  return readFileSync(join(ROOT, 'contrib', name), 'utf8');
}

describeReal('postfix: check --postfix', POSTFIX, () => {
  it('finds nothing in the lines of contrib/main.cf and contrib/master.cf', () => {
    const { lines } = check(shipped('main.cf'), SMTP + shipped('master.cf'));
    const end = 'the end of DATA (smtpd_end_of_data_restrictions)';
    expect(lines).to.deep.equal([
      `smtp/inet: Postfix asks at RCPT (smtpd_client_restrictions), ${end}`,
      `submission/inet: Postfix asks at CONNECT (smtpd_client_restrictions), ${end}`,
      `submissions/inet: Postfix asks at CONNECT (smtpd_client_restrictions), ${end}`,
    ]);
  });

  it('finds that a Postfix is not wired', () => {
    const { lines, status } = check('', SMTP);
    expect(lines[0]).to.equal('smtp/inet: Postfix never asks');
    expect(lines[1]).to.match(
      /^error: smtp\/inet: Postfix never asks postblock: .* In main\.cf: postblock = /,
    );
    expect(lines).to.have.lengthOf(2);
    expect(status).to.be.oneOf([1, 69, 77]);
  });

  it('follows $name, also through -o options of a service, in each of their forms', () => {
    const main = `${shipped('main.cf')}
smtpd_client_restrictions = \${first}, $postblock
first = permit_mynetworks
ours = reject_unauth_pipelining, $postblock
smtpd_restriction_classes = ours
`;
    const master = `${SMTP}
587 inet n - y - - smtpd
  -o first=reject_unknown_client_hostname
588 inet n - y - - smtpd
  -o { smtpd_client_restrictions = permit_sasl_authenticated, ours }
589 inet n - y - - smtpd -o smtpd_client_restrictions= -o {smtpd_sender_restrictions=$ours}
smtpd pass - - y - - smtpd -v
  -o smtpd_client_restrictions=$default_list -o default_list=$postblock
`;
    const { lines } = check(main, master);
    const asked = lines.filter((line) => line.includes(': Postfix asks'));
    expect(asked.map((line) => line.slice(0, line.indexOf('),')))).to.deep.equal([
      'smtp/inet: Postfix asks at RCPT (smtpd_client_restrictions after permit_mynetworks',
      '587/inet: Postfix asks at RCPT (smtpd_client_restrictions',
      '588/inet: Postfix asks at RCPT (smtpd_client_restrictions after permit_sasl_authenticated',
      '589/inet: Postfix asks at RCPT (smtpd_sender_restrictions',
      'smtpd/pass: Postfix asks at RCPT (smtpd_client_restrictions',
    ]);
  });

  for (const address of ['unix:postblock/policy', 'inet:127.0.0.1:10040']) {
    it(`knows ${address} from in and out of the chroot`, () => {
      const main = shipped('main.cf').replace('unix:postblock/policy', address);
      const { lines } = check(main, `${SMTP}10025 inet n - n - - smtpd\n`);
      expect(lines.filter((line) => !line.includes(': Postfix asks at RCPT'))).to.deep.equal([]);
    });
  }

  it('knows what Postfix does if postblock is down, by the parameters and by the request', () => {
    const plain = 'smtpd_client_restrictions = check_policy_service inet:127.0.0.1:10040\n';
    const [, ...lines] = check(plain, SMTP).lines;
    expect(lines[0]).to.include('Postfix answers every client "451 4.3.5 Server configuration problem"');
    expect(lines.join('\n')).to.include('each client waits 200 s (timeout=100s, try_limit=2)');
    const safe = 'smtpd_policy_service_default_action = DUNNO\nsmtpd_policy_service_timeout = 3s\n';
    expect(check(plain + safe, SMTP).lines.join('\n')).to.not.match(/is down|hangs/);
  });

  it('says why it cannot read the configuration: 69', () => {
    const { lines, stderr, status } = check('', SMTP, '-c', '/no/such/directory');
    expect({ lines, status }).to.deep.equal({ lines: [], status: 69 });
    expect(stderr).to.match(/^postblock: the configuration of Postfix is not known: postconf fails: .*\n$/);
  });

  it('says that Postfix logs elsewhere', () => {
    const { lines } = check('maillog_file = /var/log/postfix.log\n', SMTP);
    expect(lines.at(-1)).to.equal(
      'warning: maillog: Postfix writes its log to /var/log/postfix.log (maillog_file), and maillog: does not name it. In policy.yml: maillog: {file: /var/log/postfix.log}',
    );
  });
});
