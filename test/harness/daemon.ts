// The real daemon as its own process, with a policy, a state directory and a log file in a folder of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './folder.ts';
import { until } from './until.ts';

export const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));

export interface DaemonOptions {
  /** default: a new one */
  readonly folder?: string;
  /** YAML before `rules:`; default: a unix socket, mail.log and state in the folder */
  readonly head?: string;
  /** YAML under `rules:`, each line indented by two spaces */
  readonly rules?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** user and group ID to run as, for tests that run as root; `cli` must be readable for them */
  readonly user?: number;
  readonly cli?: string;
  /** a command that executes the daemon in its own process: setpriv(1), prlimit(1) */
  readonly through?: readonly string[];
}

/** One rule of each kind that blocks at the third event within an hour. */
export const SMALL_RULES = `
  rejected-recipients:
    {counts: rejected-recipient, limit: 3, within: 1h, block-for: 48h, message: Your IP is sending excessive rejected recipients. Please contact support.}
  auth-failures:
    {counts: auth-failure, limit: 3, within: 1h, block-for: 24h, message: Your IP is generating excessive authentication failures. Please contact support.}
  connection-spam:
    {counts: dropped-connection, limit: 3, within: 10m, block-for: 12h, message: "Your IP address is flooding our SMTP server with abusive requests, please contact support."}
  rejected-after-data:
    {counts: rejected-message, limit: 3, within: 1h, block-for: 24h, message: Your IP is sending excessive rejected messages. Please contact support.}
`;

const running = new Set<ChildProcess>();

/** Kills every daemon that still runs. For afterEach: a failed test must leave none. */
export async function endDaemons(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  await until('the daemons to be gone', () => running.size === 0);
}

/** A test that fails must not leave a daemon running. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export class TestDaemon {
  readonly folder: string;
  readonly policy: string;
  readonly log: string;
  readonly socket: string;
  readonly state: string;
  /** everything the daemon wrote to standard output and standard error */
  output = '';
  /** everything it wrote to standard error */
  errors = '';
  readonly #env: Readonly<Record<string, string>>;
  readonly #cli: string;
  readonly #user: number | undefined;
  readonly #through: readonly string[];
  #child: ChildProcess | undefined;
  #exit: Promise<number | NodeJS.Signals> = Promise.resolve(0);

  constructor(options: DaemonOptions = {}) {
    this.folder = options.folder ?? temporaryFolder();
    this.policy = join(this.folder, 'policy.yml');
    this.log = join(this.folder, 'mail.log');
    this.socket = join(this.folder, 'policy.sock');
    this.state = join(this.folder, 'state');
    this.#env = options.env ?? {};
    this.#cli = options.cli ?? CLI;
    this.#user = options.user;
    this.#through = options.through ?? [];
    this.writePolicy(options.rules ?? SMALL_RULES, options.head);
  }

  writePolicy(rules: string, head = this.head()): void {
    writeFileSync(this.policy, `${head}\nrules:${rules.startsWith('\n') ? '' : '\n'}${rules}`);
  }

  /** The part of the policy before the rules, with more options if given. */
  head(more = ''): string {
    return `listen: [{unix: ${this.socket}}]\n`.concat(
      `maillog: {file: ${this.log}}\nstate: ${this.state}\n${more}`,
    );
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts without waiting for anything. */
  spawn(...args: string[]): void {
    this.#run(args.length === 0 ? this.#serve : args, 'pipe');
  }

  /** The same, with standard output into an open file or pipe. */
  spawnInto(stdout: number): void {
    this.#run(this.#serve, stdout);
  }

  get #serve(): string[] {
    return ['serve', '--policy', this.policy];
  }

  #run(command: readonly string[], stdout: 'pipe' | number): void {
    const [program = '', ...rest] = [...this.#through, process.execPath, this.#cli, ...command];
    const child = spawn(program, rest, {
      ...(this.#user === undefined ? {} : { uid: this.#user, gid: this.#user }),
      cwd: this.folder,
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', stdout, 'pipe'],
    });
    this.output = '';
    this.errors = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.output += chunk;
      this.errors += chunk;
    });
    this.#child = child;
    children.add(child);
    child.on('close', () => children.delete(child));
    running.add(child);
    child.on('close', () => running.delete(child));
    this.#exit = new Promise((resolve) =>
      child.on('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
    );
  }

  /** Starts, and waits until it serves and follows its log. */
  async start(): Promise<this> {
    this.spawn();
    await this.said(/ ready /);
    await this.said(/ log-source |"log-source"/);
    return this;
  }

  /** Waits for a line of output; fails at once if the daemon ends without it. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    return await until(`${pattern} in:\n${this.output}`, () => {
      const found = pattern.exec(this.output);
      if (found === null && !this.#isRunning) throw new Error(`ended without ${pattern}:\n${this.output}`);
      return found ?? undefined;
    });
  }

  get #isRunning(): boolean {
    return this.#child !== undefined && running.has(this.#child);
  }

  /** Resolves with the exit code, or the signal that ended it. */
  exited(): Promise<number | NodeJS.Signals> {
    return this.#exit;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.signal(signal);
    return await this.#exit;
  }

  /** Sends SIGHUP; resolves when the daemon has logged that it uses the new policy, or that it refuses it. */
  async reload(): Promise<'taken' | 'refused'> {
    const answers = () => [...this.output.matchAll(/ (reload|reload-refused) /g)].map(([, event]) => event);
    const before = answers().length;
    this.signal('SIGHUP');
    return await until('the answer to SIGHUP', () => {
      if (!this.#isRunning) throw new Error(`ended at SIGHUP:\n${this.output}`);
      const answer = answers()[before];
      return answer !== undefined && (answer === 'reload' ? 'taken' : 'refused');
    });
  }

  /** Appends lines to the mail log. */
  append(...lines: string[]): void {
    appendFileSync(this.log, lines.map((line) => `${line}\n`).join(''));
  }

  /** Requests a snapshot of the current state, and reads it. */
  async snapshot(): Promise<Snapshot> {
    // The first new one may have been started before the call; the second was started after the first was complete.
    await this.#newSnapshot();
    const path = await this.#newSnapshot();
    return JSON.parse(readFileSync(path, 'utf8')) as Snapshot;
  }

  async #newSnapshot(): Promise<string> {
    const path = join(this.state, 'snapshot.json');
    // Written beside the one before, then renamed: another file.
    const inode = () => statSync(path, { throwIfNoEntry: false })?.ino;
    const before = inode();
    this.signal('SIGUSR1');
    return await until('a new snapshot', () => {
      const now = inode();
      return now !== undefined && now !== before && path;
    });
  }

  /** The whole lines of audit.jsonl, without a line that is still being written. */
  audit(): Record<string, unknown>[] {
    const path = join(this.state, 'audit.jsonl');
    if (!existsSync(path)) return [];
    const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line));
  }

  /** One request on a connection of its own; resolves with the reply, `action=…`. */
  async ask(attributes: Readonly<Record<string, string>>): Promise<string> {
    const client = await PolicyClient.open(this.socket);
    try {
      return await client.ask(attributes);
    } finally {
      client.close();
    }
  }

  /** The verdict for a client at RCPT. */
  async verdict(address: string, name = 'unknown'): Promise<string> {
    return await this.ask({ protocol_state: 'RCPT', client_address: address, client_name: name });
  }
}

export interface Snapshot {
  readonly version: number;
  readonly log: readonly Record<string, unknown>[];
  readonly numbers: Readonly<Record<string, { since: string; last: number }>>;
  readonly ips: Readonly<
    Record<string, { block?: Record<string, unknown>; events?: Record<string, string[]> }>
  >;
}

/** A policy connection as smtpd(8) uses it: one request at a time. */
export class PolicyClient {
  readonly #socket: Socket;
  #text = '';
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#text += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
    });
  }

  /** @param where path of a unix socket, or host and port */
  static async open(where: string | { host: string; port: number }): Promise<PolicyClient> {
    const socket = typeof where === 'string' ? connect(where) : connect(where);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new PolicyClient(socket);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What has been received and not taken by `ask` yet. */
  get received(): string {
    return this.#text;
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  async ask(attributes: Readonly<Record<string, string>>): Promise<string> {
    this.write(requestText(attributes));
    return await this.reply();
  }

  /** The next reply, without its empty line. */
  async reply(): Promise<string> {
    return await until('a policy reply', () => {
      const end = this.#text.indexOf('\n\n');
      if (end < 0) {
        if (this.#isClosed) throw new Error('closed without a reply');
        return undefined;
      }
      const reply = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      return reply;
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

export function requestText(attributes: Readonly<Record<string, string>>): string {
  const all = { request: 'smtpd_access_policy', ...attributes };
  return `${Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}\n`;
}
