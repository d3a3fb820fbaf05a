// The built daemon on the server's core, with a policy and a log in a folder of its own.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CLI } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { failedLogins } from './feed.ts';
import { freePort, moduleOf, Program } from './programs.ts';
import { awaited } from './waiting.ts';

export interface ServedOptions {
  /** default: a new one; it may contain state/snapshot.json */
  readonly folder?: string | undefined;
  readonly snapshotEvery?: string;
  readonly maxTracked?: number;
  /** the log does not exist yet; otherwise it exists and has older lines */
  readonly awaitsLog?: boolean;
  /** whether metrics are counted and served; default: false */
  readonly metrics?: boolean;
  /** of the daemon's log; default: debug, which logs each snapshot and each refused mail */
  readonly level?: string;
  /** folder for a CPU profile of the daemon */
  readonly profile?: string | undefined;
  /** more lines of its policy */
  readonly more?: string;
}

/** Event loop delays, in microseconds. */
export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** The rules of the shipped policy.yml, with their limits. */
export const RULES = `
rules:
  rejected-recipients: {counts: rejected-recipient, limit: 100, within: 1h, block-for: 48h, message: Your IP is sending excessive rejected recipients. Please contact support.}
  auth-failures: {counts: auth-failure, limit: 30, within: 1h, block-for: 24h, message: Your IP is generating excessive authentication failures. Please contact support.}
  connection-spam: {counts: dropped-connection, limit: 120, within: 10m, block-for: 12h, message: "Your IP address is flooding our SMTP server with abusive requests, please contact support."}
  rejected-after-data: {counts: rejected-message, limit: 30, within: 1h, block-for: 24h, message: Your IP is sending excessive rejected messages. Please contact support.}
`;

export class Served {
  readonly program: Program;
  readonly folder: string;
  readonly port: number;
  readonly log: string;

  private constructor(program: Program, folder: string, port: number) {
    this.program = program;
    this.folder = folder;
    this.port = port;
    this.log = join(folder, 'mail.log');
  }

  static async start(options: ServedOptions = {}): Promise<Served> {
    const { folder = temporaryFolder(), snapshotEvery = '1h', maxTracked = 1_000_000, profile } = options;
    const { level = 'debug', more = '' } = options;
    const port = await freePort();
    const policy = join(folder, 'policy.yml');
    writeFileSync(
      policy,
      `listen: [{inet: "127.0.0.1:${port}"}]
maillog: {file: ${join(folder, 'mail.log')}}
state: ${join(folder, 'state')}
snapshot-every: ${snapshotEvery}
max-tracked: ${maxTracked}
allow: [127.0.0.0/8, "::1"]
log: {level: ${level}}
${more}${options.metrics ? `metrics: {unix: ${join(folder, 'metrics.sock')}}` : ''}
${RULES}`,
    );
    if (!options.awaitsLog) writeFileSync(join(folder, 'mail.log'), failedLogins('203.0.113.250', 1));
    const node = [
      ...['--import', pathToFileURL(moduleOf('delay-probe')).href],
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
    ];
    const env = { POSTBLOCK_BENCH_DELAY: join(folder, 'delays.json') };
    const program = Program.node('server', [...node, CLI, 'serve', '--policy', policy], env);
    const served = new Served(program, folder, port);
    await served.said(' ready ');
    return served;
  }

  /** Waits until its own log contains these words so many times; resolves with the whole log. */
  async said(words: string, times = 1): Promise<string> {
    return await awaited(`"${words}"`, this.program, () => {
      const { output } = this.program;
      return output.split(words).length > times ? output : undefined;
    });
  }

  /** The delays of its event loop since the last call. */
  async delays(): Promise<Delays> {
    const path = join(this.folder, 'delays.json');
    rmSync(path, { force: true });
    this.program.signal('SIGUSR2');
    return await awaited('the delays', this.program, () => {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as Delays;
      } catch {
        return undefined;
      }
    });
  }

  /** One request about this client; resolves with the reply. */
  async verdict(address: string): Promise<string> {
    const socket = createConnection({ host: '127.0.0.1', port: this.port, noDelay: true });
    socket.write(`request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=${address}\n\n`);
    let reply = '';
    for await (const chunk of socket) {
      reply += String(chunk);
      if (reply.endsWith('\n\n')) break;
    }
    socket.destroy();
    return reply;
  }

  async refuses(address: string, patience = 60): Promise<void> {
    const look = async () => ((await this.verdict(address)).startsWith('action=REJECT') ? true : undefined);
    await awaited(`the REJECT of ${address}`, this.program, look, patience);
  }

  /** ms that each snapshot since the start took, from its own log. */
  get snapshotTimes(): number[] {
    return [...this.program.output.matchAll(/ snapshot .*\bms=(\d+)/g)].map(([, time]) => Number(time));
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}
