// A private Postfix and Dovecot, with their own configuration, queue, log and loopback ports; removed when the tests end.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { dovecotConf } from './dovecot.ts';
import { SmtpClient } from './smtp.ts';
import { until } from './until.ts';

export interface PostfixOptions {
  /** a folder that the user postfix may enter */
  readonly folder: string;
  /** unix socket of the policy service */
  readonly socket: string;
  /** lines added to main.cf, after the harness's own */
  readonly main?: string;
  /** lines added to master.cf */
  readonly master?: string;
  /** port of a before-queue content filter, for the service `proxied` */
  readonly proxy?: number;
}

/** Ports of the services, on loopback. */
export interface Ports {
  /** smtpd, which requests the verdict at RCPT and at the end of DATA */
  readonly smtp: number;
  /** smtpd as in contrib/master.cf, with SASL, which requests the verdict at CONNECT */
  readonly submission: number;
  /** postscreen in front of an smtpd */
  readonly postscreen: number;
  /** smtpd with smtpd_proxy_filter */
  readonly proxied: number;
}

/** Users beside `customer`, with the same password. */
export const COLLEAGUES = ['anna', 'boris', 'clara', 'dilek', 'emil'] as const;

/** ms; a stop that hangs must not keep all other tests from running */
const STOP = 20_000;

export class TestPostfix {
  readonly log: string;
  readonly ports: Ports;
  readonly #folder: string;
  readonly #dovecot: string;
  readonly #options: PostfixOptions;

  private constructor(options: PostfixOptions, ports: Ports) {
    this.#options = options;
    this.#folder = join(options.folder, 'postfix');
    this.#dovecot = join(options.folder, 'dovecot');
    this.log = join(options.folder, 'mail.log');
    this.ports = ports;
  }

  static async start(options: PostfixOptions): Promise<TestPostfix> {
    const [smtp = 0, submission = 0, postscreen = 0, proxied = 0] = await freePorts(4);
    const postfix = new TestPostfix(options, { smtp, submission, postscreen, proxied });
    postfix.#configure();
    postfix.#run('dovecot', '-c', join(postfix.#dovecot, 'dovecot.conf'));
    postfix.#run('postfix', '-c', postfix.#folder, 'start');
    await until('Postfix to listen', () => SmtpClient.probe(smtp));
    return postfix;
  }

  /** Text of the log so far. */
  get logText(): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
  }

  stop(): void {
    spawnSync('postfix', ['-c', this.#folder, 'stop'], { stdio: 'ignore', timeout: STOP });
    spawnSync('dovecot', ['-c', join(this.#dovecot, 'dovecot.conf'), 'stop'], {
      stdio: 'ignore',
      timeout: STOP,
    });
  }

  /** An SMTP client that Postfix sees as `address`, by XCLIENT. */
  async client(address: string, name = '[UNAVAILABLE]', port = this.ports.smtp): Promise<SmtpClient> {
    const client = await SmtpClient.connect(port);
    await client.greeting();
    await client.command('EHLO test.example');
    const literal = address.includes(':') ? `IPV6:${address}` : address;
    await client.command(`XCLIENT NAME=${name} ADDR=${literal}`);
    return client;
  }

  /** Makes postlogd(8) open a new log file after the old one was renamed, as `postfix logrotate` does. */
  reopenLog(): void {
    this.#run('postfix', '-c', this.#folder, 'reload');
  }

  #configure(): void {
    const { folder } = this.#options;
    chmodSync(folder, 0o755);
    for (const name of ['queue', 'data']) mkdirSync(join(this.#folder, name), { recursive: true });
    mkdirSync(join(this.#dovecot, 'run'), { recursive: true });
    chownSync(join(this.#folder, 'data'), Number(idOf('postfix')), -1);
    this.#write(
      'header_checks',
      '/^Subject: unwanted/ REJECT Unwanted message\n/^Subject: later/ REJECT 4.7.1 Later\n',
    );
    this.#write('body_checks', '/unwanted body/ REJECT Unwanted text\n');
    const users = ['customer', ...COLLEAGUES].map((name) => `${name}:{PLAIN}right\n`);
    writeFileSync(join(this.#dovecot, 'users'), users.join(''));
    writeFileSync(join(this.#dovecot, 'dovecot.conf'), dovecotConf(this.#dovecot));
    this.#write('main.cf', lastOfEach(this.#mainCf()));
    this.#write('master.cf', this.#masterCf());
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }

  #mainCf(): string {
    const { folder, socket, main = '' } = this.#options;
    return `
compatibility_level = 3.6
queue_directory = ${this.#folder}/queue
data_directory = ${this.#folder}/data
maillog_file = ${this.log}
maillog_file_prefixes = ${folder}
myhostname = mx.example.test
mydestination = example.test
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = all
alias_maps =
alias_database =
local_recipient_maps = inline:{ user=ok, other=ok }
local_transport = discard
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 20
smtpd_delay_reject = yes
smtpd_recipient_restrictions = reject_unauth_destination
${contribution(socket)}
header_checks = regexp:${this.#folder}/header_checks
body_checks = regexp:${this.#folder}/body_checks
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${this.#dovecot}/run/auth-client
smtpd_sasl_security_options = noanonymous
postscreen_greet_action = enforce
postscreen_greet_wait = 2s
postscreen_access_list =
postscreen_cache_map =
${main}
`;
  }

  #masterCf(): string {
    const { smtp, submission, postscreen, proxied } = this.ports;
    const { master = '', proxy = 9 } = this.#options;
    return `
127.0.0.1:${smtp} inet n - n - - smtpd
127.0.0.1:${submission} inet n - n - - smtpd
${submissionOptions()}
127.0.0.1:${postscreen} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
dnsblog unix - - n - 0 dnsblog
tlsproxy unix - - n - 0 tlsproxy
127.0.0.1:${proxied} inet n - n - - smtpd
    -o smtpd_proxy_filter=127.0.0.1:${proxy} -o smtpd_end_of_data_restrictions=
${master}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
`;
  }

  /** Not with pipes: daemons inherit them, and this would wait until they end. */
  #run(command: string, ...args: string[]): void {
    const { status } = spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${status}\n${this.logText}`);
  }
}

/** Free ports on loopback. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The lines that administrators copy from contrib/, with another service address. */
function contribution(socket: string): string {
  const lines = readFileSync(new URL('../../../contrib/main.cf', import.meta.url), 'utf8');
  return lines.replace('unix:postblock/policy', `unix:${socket}`);
}

/** The options of submission that administrators copy from contrib/, without TLS. */
function submissionOptions(): string {
  const text = readFileSync(new URL('../../../contrib/master.cf', import.meta.url), 'utf8');
  const [, options = ''] = /^submission inet .*\n((?: .*\n)+)/m.exec(text) ?? [];
  return options.replace(/^.*smtpd_tls_.*\n/gm, '').trimEnd();
}

/**
 * Removes earlier settings of a parameter that is set twice. Each process would warn about them, postlogd(8) too, which
 * writes to its own socket: when that is full (net.unix.max_dgram_qlen is 10), it waits for itself forever.
 */
function lastOfEach(main: string): string {
  const settings = main.split(/\n(?=\S)/);
  const nameOf = (setting: string) => /^(\w+)\s*=/.exec(setting)?.[1];
  const names = settings.map(nameOf);
  return settings.filter((_, i) => names[i] === undefined || !names.includes(names[i], i + 1)).join('\n');
}

/** Whether the installed Postfix is of this release or a later one. */
export function isPostfixFrom(major: number, minor: number): boolean {
  const version = execFileSync('postconf', ['-h', 'mail_version']).toString();
  const [thisMajor = 0, thisMinor = 0] = version.split('.').map(Number);
  return thisMajor > major || (thisMajor === major && thisMinor >= minor);
}

function idOf(user: string): string {
  return execFileSync('id', ['-u', user]).toString().trim();
}
