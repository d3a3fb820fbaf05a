// Runs the load generator against a policy server: in C where there is a compiler, otherwise in Node.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../harness/folder.ts';
import { compiled, moduleOf, Program } from './programs.ts';

/** Times in microseconds. */
export interface LoadResult {
  /** requests/s */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly rejects: number;
  /** share of the time in which the generator was not waiting for answers */
  readonly busy: number;
  /** requests answered, with those of the warm-up */
  readonly all: number;
}

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  /** of the measurement, which follows a warm-up */
  readonly seconds: number;
  /** polls for answers without pause; only where no other program needs the generator's core */
  readonly spin?: boolean;
}

const WARMUP = 0.5;

export class Load {
  readonly #requests = join(temporaryFolder(), 'requests');
  readonly #generator = compiled('load');

  /** @param requests policy requests, each followed by an empty line; sent in random order */
  constructor(requests: string) {
    writeFileSync(this.#requests, requests, 'latin1');
  }

  get generator(): string {
    return this.#generator === undefined ? 'Node (no C compiler found: it may itself be the limit)' : 'C';
  }

  async run({ port, connections, seconds, spin = false }: LoadOptions): Promise<LoadResult> {
    const args = [port, connections, WARMUP, seconds, this.#requests, spin ? 'spin' : 'wait'].map(String);
    const program =
      this.#generator === undefined
        ? Program.node('load', [moduleOf('load-node'), ...args])
        : new Program('load', this.#generator, args);
    return JSON.parse(await program.ended()) as LoadResult;
  }
}
