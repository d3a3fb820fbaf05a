// systemd for one service, played by service_manager.py: sockets, notifications, and connections kept over a restart.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLI, TestDaemon } from './daemon.ts';
import { type Component, hasCommand } from './real.ts';
import { until } from './until.ts';

const HARNESS = fileURLToPath(new URL('../../../test/harness', import.meta.url));

export const PYTHON: Component = {
  name: 'Python 3.9 or later',
  remedy: 'apt-get install python3',
  isThere: () => hasCommand('python3'),
};

export interface ManagerOptions {
  /** sockets that it listens on and passes; default: the one of the daemon's policy */
  readonly listen?: readonly ({ readonly unix: string } | { readonly inet: readonly [string, number] })[];
  /** connections that it keeps; 0, as before systemd 254, by default */
  readonly stored?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** default: the fake systemd-notify of this directory comes first */
  readonly path?: string;
}

interface Line {
  readonly listening?: readonly unknown[];
  readonly notified?: readonly string[];
  readonly stored?: number;
  readonly started?: number;
  readonly ended?: number;
}

const running = new Set<ChildProcess>();

/** For afterEach. */
export async function endManagers(): Promise<void> {
  for (const child of running) child.stdin?.end();
  await until('the managers to be gone', () => running.size === 0);
}

export class TestManager {
  /** for its policy, log and state; it is started by this manager only */
  readonly daemon: TestDaemon;
  readonly #child: ChildProcess;
  readonly #output: string;
  #lines: readonly Line[] = [];

  private constructor(daemon: TestDaemon, options: ManagerOptions) {
    this.daemon = daemon;
    // An empty log: one that is missing is a trouble.
    daemon.append();
    this.#output = join(daemon.folder, 'output');
    const plan = {
      listen: options.listen ?? [{ unix: daemon.socket }],
      fdstore: options.stored ?? 0,
      output: this.#output,
      environment: { PATH: options.path ?? `${HARNESS}:${process.env.PATH}`, ...options.environment },
      command: [process.execPath, CLI, 'serve', '--policy', daemon.policy],
    };
    const child = spawn('python3', [join(HARNESS, 'service_manager.py'), JSON.stringify(plan)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    running.add(child);
    child.on('close', () => running.delete(child));
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const whole = `${rest}${chunk}`.split('\n');
      rest = whole.pop() ?? '';
      this.#lines = [...this.#lines, ...whole.map((line) => JSON.parse(line) as Line)];
    });
  }

  static async open(daemon = new TestDaemon(), options: ManagerOptions = {}): Promise<TestManager> {
    const manager = new TestManager(daemon, options);
    await manager.#until('its sockets', ({ listening }) => listening !== undefined, 1);
    return manager;
  }

  /** everything that all processes of the service wrote */
  get output(): string {
    return existsSync(this.#output) ? readFileSync(this.#output, 'utf8') : '';
  }

  /** the notifications, each as its assignments */
  get notified(): readonly (readonly string[])[] {
    return this.#lines.flatMap(({ notified }) => (notified === undefined ? [] : [notified]));
  }

  /** exit statuses of the processes that have ended; negative: a signal */
  get ended(): readonly number[] {
    return this.#lines.flatMap(({ ended }) => (ended === undefined ? [] : [ended]));
  }

  /** connections that were kept, over all restarts */
  get stored(): number {
    return this.#lines.reduce((sum, { stored = 0 }) => sum + stored, 0);
  }

  /** Starts the service, and waits until it is ready. */
  async start(): Promise<this> {
    return await this.#ready('start');
  }

  /** Starts without waiting for anything. */
  launch(): void {
    this.#child.stdin?.write('start\n');
  }

  /** SIGTERM to all its processes, and a new start when it has ended; waits until that is ready. */
  async restart(): Promise<this> {
    return await this.#ready('restart');
  }

  async #ready(command: string): Promise<this> {
    const starts = this.#count(({ started }) => started !== undefined);
    this.#child.stdin?.write(`${command}\n`);
    await this.#until('a start', ({ started }) => started !== undefined, starts + 1);
    await until(`readiness in ${this.output.slice(-2000)}`, () => {
      const from = this.#lines.findLastIndex(({ started }) => started !== undefined);
      return this.#lines.slice(from).some(({ notified }) => notified?.includes('READY=1'));
    });
    return this;
  }

  async stop(): Promise<void> {
    const ends = this.ended.length;
    this.#child.stdin?.write('stop\n');
    await this.#until('its end', ({ ended }) => ended !== undefined, ends + 1);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.stdin?.write(`${name}\n`);
  }

  /** Waits for a notification with all these assignments after the first `from` ones. */
  async hears(from: number, ...assignments: readonly string[]): Promise<readonly string[]> {
    return await until(`${assignments} of ${JSON.stringify(this.notified.slice(from))}`, () =>
      this.notified.slice(from).find((heard) => assignments.every((one) => heard.includes(one))),
    );
  }

  async said(pattern: RegExp): Promise<void> {
    await until(`${pattern} in ${this.output.slice(-2000)}`, () => pattern.test(this.output));
  }

  #count(isIt: (line: Line) => boolean): number {
    return this.#lines.filter(isIt).length;
  }

  async #until(what: string, isIt: (line: Line) => boolean, count: number): Promise<void> {
    await until(what, () => this.#count(isIt) >= count);
  }
}
