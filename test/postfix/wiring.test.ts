// A real Postfix that does not ask, or of which one service does not: status says so, and not where all is wired.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { StatusAnswer, Trouble } from '../../src/health/status.ts';
import { CLI, endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { RIGHT_PASSWORD, WRONG_PASSWORD } from '../harness/host.ts';
import { TestPostfix } from '../harness/postfix.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import { until } from '../harness/until.ts';

const LATE = fileURLToPath(new URL('../harness/late-clock.js', import.meta.url));
const UNWIRED = 'smtpd_client_restrictions =\nsmtpd_end_of_data_restrictions =';
const IP = '192.0.2.61';
const PASSES = SMALL_RULES.replace('auth-failures:\n    {', 'auth-failures:\n    {passes: authenticated, ');

interface Wired {
  /** lines of main.cf @param socket of the policy service */
  readonly main?: (socket: string) => string;
  readonly rules?: string;
}

/** What contrib/master.cf names for submission is empty. */
function withoutSubmission(socket: string): string {
  const restriction = `check_policy_service { unix:${socket}, default_action=DUNNO }`;
  return `postblock =\nsmtpd_client_restrictions = ${restriction}\nsmtpd_end_of_data_restrictions =`;
}

/** Postfix and a daemon that was started an hour ago, by its clock. */
class Wiring {
  readonly daemon: TestDaemon;
  readonly postfix: TestPostfix;

  private constructor(daemon: TestDaemon, postfix: TestPostfix) {
    this.daemon = daemon;
    this.postfix = postfix;
  }

  static async start({ main = () => '', rules = SMALL_RULES }: Wired): Promise<Wiring> {
    const folder = temporaryFolder();
    // postconf(1) names this Postfix, and not one of the machine.
    const env = { NODE_OPTIONS: `--import ${LATE}`, MAIL_CONFIG: join(folder, 'postfix') };
    const daemon = new TestDaemon({ folder, env, rules });
    const { socket } = daemon;
    const postfix = await TestPostfix.start({ folder, socket, main: main(socket) });
    daemon.writePolicy(rules, daemon.head().replace(`{unix: ${socket}}`, `{unix: ${socket}, mode: "0666"}`));
    await daemon.start();
    return new Wiring(daemon, postfix);
  }

  /** By hand, so that no line of the log is read before the clock is right. */
  block(ip: string): void {
    const { status, stderr } = this.#run(
      'block',
      ip,
      ...'--rule auth-failures --for 1d --reason test'.split(' '),
    );
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  }

  async hourLater(): Promise<void> {
    this.daemon.signal('SIGUSR2');
    await until('the clock to be right', () => Date.now() - Date.parse(this.#status().at) < 60_000);
  }

  async mail(
    count: number,
    { ip = IP, login = false, port = this.postfix.ports.smtp, reply = /^250 / } = {},
  ): Promise<void> {
    for (let i = 0; i < count; i++) {
      const client = await this.postfix.client(ip, undefined, port);
      await client.command('EHLO client.example');
      if (login) expect(await client.command(RIGHT_PASSWORD)).to.match(/^235 /);
      const text = 'Subject: x\r\n\r\ntext';
      expect(await client.mail('sender@client.example', 'user@example.test', text)).to.match(reply);
      await client.quit();
    }
  }

  async failLogins(count: number, port: number, ip = IP): Promise<void> {
    const client = await this.postfix.client(ip, undefined, port);
    await client.command('EHLO client.example');
    for (let i = 0; i < count; i++) expect(await client.command(WRONG_PASSWORD)).to.match(/^535 /);
    await client.quit();
  }

  /** @param reason matches once all lines have been read */
  async trouble(what: string, reason = /./): Promise<Trouble> {
    return await until(`${what} in ${JSON.stringify(this.#status().trouble)}`, () =>
      this.#status().trouble.find((trouble) => trouble.what === what && reason.test(trouble.reason)),
    );
  }

  /** Waits until the log has been read and looked at. */
  async settled(): Promise<readonly string[]> {
    const marker = '203.0.113.7';
    await this.failLogins(3, this.postfix.ports.submission, marker);
    await this.daemon.said(new RegExp(` block ip=${marker} `));
    const { at } = this.#status();
    await until('two looks', () => Date.parse(this.#status().at) - Date.parse(at) > 2500);
    return this.#status().trouble.map(({ what }) => what);
  }

  #status(): StatusAnswer {
    return JSON.parse(this.#run('status', '--json').stdout) as StatusAnswer;
  }

  #run(...args: string[]) {
    const command = [CLI, ...args, '--policy', this.daemon.policy];
    return spawnSync(process.execPath, command, { encoding: 'utf8' });
  }
}

describeReal('postfix: the wiring of a real Postfix', POSTFIX, () => {
  let wiring: Wiring | undefined;

  async function start(wired: Wired): Promise<Wiring> {
    wiring = await Wiring.start(wired);
    return wiring;
  }

  afterEach(async () => {
    wiring?.postfix.stop();
    wiring = undefined;
    await endDaemons();
  });

  it('that is missing is not-asked, and names the service', async () => {
    const host = await start({ main: () => UNWIRED });
    await host.hourLater();
    await host.mail(3);
    const { reason } = await host.trouble('not-asked');
    expect(reason).to.contain(`postfix/smtpd accepted 3 messages or more, the last from ${IP}`);
  });

  it('that is there is no trouble, with logins and without', async () => {
    const host = await start({ main: () => 'smtpd_sasl_auth_enable = yes', rules: PASSES });
    host.block(IP);
    host.block('192.0.2.63');
    await host.hourLater();
    await host.mail(1, { ip: '192.0.2.63', reply: /^554 / });
    // On port 25 Postfix asks at RCPT, after the login: the rule lets the customer pass.
    await host.mail(3, { login: true });
    await host.mail(3, { ip: '192.0.2.62' });
    expect(await host.settled()).to.deep.equal([]);
  });

  it('that submission lacks is not-enforced, for accepted messages and for logins, and names submission', async () => {
    const host = await start({ main: withoutSubmission });
    const { submission } = host.postfix.ports;
    host.block(IP);
    await host.hourLater();
    await host.mail(1, { login: true, port: submission });
    await host.failLogins(1, submission);
    const { reason } = await host.trouble('not-enforced', /accepted.*log in/);
    expect(reason).to.match(/submission\/smtpd \(1, .* accepted messages of blocked clients/);
    expect(reason).to.match(/submission\/smtpd \(1, .* let blocked clients try to log in/);
  });
});
