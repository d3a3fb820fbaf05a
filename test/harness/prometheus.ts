// A Prometheus of its own, on loopback, with its data in a folder of the test.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';
import { until } from './until.ts';

export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly name: string;
      readonly health: string;
      readonly lastError?: string;
    }[];
  }[];
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A TCP port of loopback that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export class Prometheus {
  readonly #base: string;
  readonly #child: ChildProcess;

  private constructor(base: string, child: ChildProcess) {
    this.#base = base;
    this.#child = child;
  }

  /** @param config of Prometheus; `rules` is the text of its file rules.yml, in the same folder */
  static async start(config: string, rules: string): Promise<Prometheus> {
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(folder, 'prometheus.yml'), config);
    writeFileSync(join(folder, 'rules.yml'), rules);
    const port = await freePort();
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ];
    const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    running.add(child);
    child.on('close', () => running.delete(child));
    const base = `http://127.0.0.1:${port}`;
    await until('Prometheus to be ready', async () => {
      if (!running.has(child)) throw new Error(`Prometheus ended: ${errors}`);
      return (await fetch(`${base}/-/ready`).catch(() => undefined))?.status === 200;
    });
    return new Prometheus(base, child);
  }

  /** @throws where it is no query */
  async query(query: string): Promise<readonly QueryResult[]> {
    return (await this.#get<{ result: QueryResult[] }>('query', { query })).result;
  }

  async series(match: string): Promise<readonly Readonly<Record<string, string>>[]> {
    return await this.#get('series', { 'match[]': match });
  }

  async alerts(): Promise<readonly Alert[]> {
    return (await this.#get<{ alerts: Alert[] }>('alerts')).alerts;
  }

  async rules(): Promise<Rules> {
    return await this.#get('rules');
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await until('Prometheus to end', () => !running.has(this.#child));
  }

  async #get<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.#base}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${JSON.stringify(parameters)}: ${answer.error}`);
    return answer.data;
  }
}
