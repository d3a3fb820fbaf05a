// The programs of the benchmark as processes: started on a core, awaited, ended, and measured.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../harness/folder.ts';
import { pinned, type Role } from './cores.ts';

const SOURCES = fileURLToPath(new URL('../../../test/bench/', import.meta.url));
const running = new Set<ChildProcess>();
let binaries: string | undefined;

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The compiled form of one of the benchmark's own modules. */
export function moduleOf(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

/** Compiles one of the C programs; undefined where there is no compiler. */
export function compiled(name: string): string | undefined {
  binaries ??= temporaryFolder();
  const binary = join(binaries, name);
  if (existsSync(binary)) return binary;
  try {
    execFileSync('cc', ['-O2', '-o', binary, join(SOURCES, `${name}.c`)], { stdio: 'pipe' });
    return binary;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export class Program {
  /** what it wrote to standard output and standard error */
  output = '';
  readonly #child: ChildProcess;

  constructor(role: Role, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const [program, all] = pinned(role, command, args);
    const child = spawn(program, all, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#take(chunk));
    running.add(child);
    child.on('close', () => running.delete(child));
    this.#child = child;
  }

  static node(role: Role, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    return new Program(role, process.execPath, args, env);
  }

  get isRunning(): boolean {
    return running.has(this.#child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Its whole output, after it has ended. @throws when it failed */
  async ended(): Promise<string> {
    if (this.isRunning) await once(this.#child, 'close');
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) throw new Error(`ended with ${exitCode ?? signalCode}:\n${this.output}`);
    return this.output;
  }

  async stop(): Promise<void> {
    this.signal('SIGTERM');
    if (this.isRunning) await once(this.#child, 'close');
  }

  #take(chunk: Buffer): void {
    this.output += chunk.toString();
  }
}

/** Resident memory of a process in MB (10^6 bytes): now, or its peak. */
export function residentMB(pid: number, which: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(new RegExp(`^${which}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
}

/** Microseconds that all threads of a process have run (proc(5), schedstat). */
export function cpuMicros(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const ran = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]),
  );
  return ran.reduce((sum, ns) => sum + ns, 0) / 1000;
}

/** A free TCP port on loopback. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
