// A server of Valkey or Redis on a core of the benchmark, with what it used.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type RedisClientType } from '@redis/client';
import { temporaryFolder } from '../../harness/folder.ts';
import { hasCommand } from '../../harness/real.ts';
import type { Role } from '../cores.ts';
import { cpuMicros, Program } from '../programs.ts';
import { awaited } from '../waiting.ts';

const COMMANDS = ['redis-server', 'valkey-server'];

/** The server that is installed; undefined where none is. */
export function installedServer(): string | undefined {
  return COMMANDS.find(hasCommand);
}

export class SharedServer {
  readonly program: Program;
  readonly socket: string;
  readonly #client: RedisClientType;

  private constructor(program: Program, socket: string) {
    this.program = program;
    this.socket = socket;
    this.#client = createClient({ socket: { path: socket, tls: false } });
  }

  /** @throws where no server is installed */
  static async start(role: Role): Promise<SharedServer> {
    const command = installedServer();
    if (command === undefined)
      throw new Error('neither redis-server nor valkey-server is installed: apt-get install redis-server');
    const folder = temporaryFolder();
    const socket = join(folder, 'server.sock');
    const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', ''];
    const program = new Program(role, command, args);
    await awaited('the shared server', program, () => existsSync(socket) || undefined);
    const server = new SharedServer(program, socket);
    await server.#client.connect();
    return server;
  }

  /** Microseconds of CPU time so far. */
  get cpu(): number {
    return cpuMicros(this.program.pid);
  }

  /** Bytes of its data, without those of its scripts and connections. */
  async memory(): Promise<number> {
    return Number(/^used_memory_dataset:(\d+)/m.exec(await this.#client.info('memory'))?.[1]);
  }

  /** Entries of all streams, and their bytes. */
  async streams(): Promise<{ readonly entries: number; readonly bytes: number }> {
    let entries = 0;
    let bytes = 0;
    for (const key of await this.#client.keys('*:s')) {
      entries += await this.#client.xLen(key);
      bytes += (await this.#client.memoryUsage(key, { SAMPLES: 0 })) ?? 0;
    }
    return { entries, bytes };
  }

  async version(): Promise<string> {
    const info = await this.#client.info('server');
    const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
    return valkey === undefined ? `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1]}` : `Valkey ${valkey}`;
  }

  async stop(): Promise<void> {
    this.#client.destroy();
    await this.program.stop();
  }
}
