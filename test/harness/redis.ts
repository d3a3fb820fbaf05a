// Servers of Redis that tests start: on a unix socket in a folder of their own, gone at the end of the process.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';
import { type Component, hasCommand } from './real.ts';
import { until } from './until.ts';

export const REDIS: Component = {
  name: 'redis-server',
  remedy: 'apt-get install redis-server',
  isThere: () => hasCommand('redis-server') && hasCommand('redis-cli'),
};

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const server of running) server.kill('SIGKILL');
});

export class RedisServer {
  readonly folder = temporaryFolder();
  readonly socket = join(this.folder, 'redis.sock');
  /** what runs the server, before its options */
  command: readonly string[] = ['redis-server'];
  readonly #options: readonly string[];
  /** settings of a sentinel, which it rewrites */
  readonly #sentinel = join(this.folder, 'sentinel.conf');
  #process: ChildProcess | undefined;

  /** @param options of redis-server, such as `--maxmemory 10mb` */
  constructor(...options: readonly string[]) {
    this.#options = options;
  }

  /** Another server, or one that is started through another command, with its files in a folder of its own. */
  static async startBy(command: readonly string[], ...options: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(...options);
    server.command = command;
    await server.start();
    return server;
  }

  /** @param options beside those of the constructor */
  static async start(...options: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(...options);
    await server.start();
    return server;
  }

  /** A sentinel that watches a master on a port of this host: two must agree that it is gone. */
  static async startSentinel(port: number, name: string, masterPort: number): Promise<RedisServer> {
    const server = new RedisServer();
    const settings = [
      `port ${port}`,
      'bind 127.0.0.1',
      `unixsocket ${server.socket}`,
      `dir ${server.folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${masterPort} 2`,
      `sentinel down-after-milliseconds ${name} 500`,
      `sentinel failover-timeout ${name} 2000`,
    ];
    writeFileSync(server.#sentinel, settings.map((line) => `${line}\n`).join(''));
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const fixed = ['--unixsocket', this.socket, '--dir', this.folder, '--save', '', '--daemonize', 'no'];
    const port = this.#options.includes('--port') ? [] : ['--port', '0'];
    const all = existsSync(this.#sentinel)
      ? [this.#sentinel, '--sentinel']
      : [...port, ...fixed, ...this.#options];
    const [program = '', ...before] = this.command;
    const server = spawn(program, [...before, ...all], { stdio: 'ignore' });
    running.add(server);
    server.once('exit', () => running.delete(server));
    this.#process = server;
    await until('the server of Redis', () => this.isUp());
  }

  isUp(): boolean {
    try {
      return /PONG|NOAUTH/.test(this.cli('ping'));
    } catch {
      return false;
    }
  }

  /** What redis-cli prints. */
  cli(...args: readonly string[]): string {
    return execFileSync('redis-cli', ['-s', this.socket, ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  }

  /** Whether a hash has a field of this name, as those do that hold what is counted of clients. */
  hasField(name: string): boolean {
    const find = `for _, key in ipairs(redis.call('KEYS', '*')) do
      if redis.call('TYPE', key).ok == 'hash' and redis.call('HEXISTS', key, ARGV[1]) == 1 then return 1 end
    end
    return 0`;
    return this.cli('eval', find, '0', name) === '1';
  }

  /** Runs a command that may not end for a while. */
  background(...args: readonly string[]): void {
    const client = spawn('redis-cli', ['-s', this.socket, ...args], { stdio: 'ignore' });
    running.add(client);
    client.once('exit', () => running.delete(client));
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGCONT');
    server.kill(signal);
    await ended;
  }
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
