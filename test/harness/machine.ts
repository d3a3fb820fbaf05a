// A whole Debian 13, booted with systemd as PID 1: its services, its journal, and a network of its own.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { MINUTE } from '../../src/values/duration.ts';
import { copyCommands } from './debian-copy.ts';
import { temporaryFolder } from './folder.ts';
import { until } from './until.ts';

/** Addresses of the machine besides loopback: clients connect from any of them. TEST-NET-1, RFC 5737. */
const NETWORK = '192.0.2.1/24';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const ENVIRONMENT = ['-i', '--chdir=/root', 'HOME=/root', 'LANG=C.UTF-8', `PATH=${PATH}`];

export class Machine {
  /** path of its root directory, in the mount namespace of `#keeper` */
  readonly #root: string;
  /**
   * Keeps the mount namespace, so that writes to the root survive while the machine is off; and the PID namespace, with
   * which every process of the machine ends. Without it, the init would outlive systemd-nspawn(1).
   */
  readonly #keeper: ChildProcess;
  #console = '';
  /** systemd-nspawn(1); undefined while the machine is off */
  #nspawn: ChildProcess | undefined;
  /** process ID of its init */
  #init = 0;

  private constructor(root: string, keeper: ChildProcess) {
    this.#root = root;
    this.#keeper = keeper;
  }

  /** @param prepare sh(1) commands that change the root before the first boot; `$ROOT` is its path */
  static async boot(prepare = ''): Promise<Machine> {
    const folder = temporaryFolder();
    // nspawn leaves files in /run; this one is gone with the namespace.
    const own = `mount -t proc proc /proc\nmount -t tmpfs tmpfs /run\nROOT=${folder}/root\n${prepare}`;
    const script = `${copyCommands(folder)}\n${own}\necho made\nexec sleep infinity`;
    const keeper = spawnTied(['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script]);
    const machine = new Machine(`${folder}/root`, keeper);
    machine.#listen(keeper);
    await machine.#until('a copy of the root', () => machine.#console.includes('made\n'));
    await machine.start();
    return machine;
  }

  async start(): Promise<void> {
    const [first = 0] = childrenOf(this.#keeper.pid ?? 0);
    const namespace = ['nsenter', `--target=${first}`, '--mount', '--pid'];
    const options = ['--boot', '--register=no', '--keep-unit', '--private-network', '--console=pipe'];
    const nspawn = spawnTied([...namespace, 'systemd-nspawn', `--directory=${this.#root}`, ...options]);
    this.#nspawn = nspawn;
    this.#listen(nspawn);
    nspawn.on('close', () => {
      this.#nspawn = undefined;
    });
    this.#init = await this.#until('its init', () => initBelow(nspawn.pid ?? 0));
    await this.#until('its services', async () => {
      const state = await this.run('systemctl is-system-running').catch((error) => String(error.stdout));
      return /^(?:running|degraded)$/m.test(state);
    });
    await this.run(`ip address add ${NETWORK} dev lo`);
  }

  /** Runs sh(1) commands as its root. @returns standard output @throws with both outputs when one fails */
  async run(commands: string): Promise<string> {
    const inside = ['--all', '--', 'env', ...ENVIRONMENT, 'sh', '-ec', commands];
    const options = { timeout: 3 * MINUTE, maxBuffer: 1 << 26 };
    return (await promisify(execFile)('nsenter', [`--target=${this.#init}`, ...inside], options)).stdout;
  }

  /** The path of one of its files for this process, until it is turned off. */
  path(file: string): string {
    return `/proc/${this.#init}/root${file}`;
  }

  /** Runs a program of this checkout with its network. @returns standard output */
  async visit(program: string, ...args: string[]): Promise<string> {
    const inside = [`--target=${this.#init}`, '--net', '--', process.execPath, program, ...args];
    return (await promisify(execFile)('nsenter', inside, { timeout: 3 * MINUTE })).stdout;
  }

  /** Shuts it down as an administrator does. */
  async stop(): Promise<void> {
    await this.run('systemctl poweroff');
    await this.#until('its end', () => this.#nspawn === undefined);
  }

  /** Ends all of it at once, whatever its state, and waits until it is gone. */
  async end(): Promise<void> {
    this.#keeper.kill('SIGKILL');
    await this.#until('its end', () => !existsSync(`/proc/${this.#init}/ns`));
  }

  #listen({ stdout, stderr }: ChildProcess): void {
    for (const stream of [stdout, stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#console = `${this.#console}${chunk}`.slice(-20_000);
      });
  }

  async #until<T>(
    what: string,
    look: () => T | false | undefined | Promise<T | false | undefined>,
  ): Promise<T> {
    try {
      return await until(what, look, MINUTE);
    } catch (error) {
      throw new Error(`${error}; its console:\n${this.#console}`);
    }
  }
}

/** A process that ends with this one, in whatever way this one ends. */
function spawnTied([...command]: readonly string[]): ChildProcess {
  return spawn('setpriv', ['--pdeathsig=KILL', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The init below nsenter and systemd-nspawn; undefined while there is none. */
function initBelow(nsenter: number): number | undefined {
  const children = childrenOf(nsenter).flatMap(childrenOf);
  // Earlier children have another name: they set up the machine.
  return children.find((pid) => read(`/proc/${pid}/comm`) === 'systemd\n');
}

/** The process IDs of the children of a process's only thread. */
function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** A file of a process; empty where the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
