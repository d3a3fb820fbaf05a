// One export: whether its file is due, and what it held last. Knows no clock; writes its file.

import { createHash, type Hash } from 'node:crypto';
import type { ExportSpec } from '../config/fields/export-fields.ts';
import type { RuledBlock } from './blocked.ts';
import { writeExport } from './export-file.ts';
import { exportText } from './formats.ts';

/** ms between two attempts where the file cannot be written */
const RETRY = 10_000;

interface WriteOptions {
  /** names of the rules, where an export names none */
  readonly usual: ReadonlySet<string>;
  /** ms since 1970 */
  readonly now: number;
  /** lets others have their turn */
  pause(): Promise<void>;
}

export class Exporter {
  readonly spec: ExportSpec;
  /** of the clients that the file holds, and when their blocks end */
  #digest: string | undefined;
  /** ms since 1970 */
  #triedAt = Number.NEGATIVE_INFINITY;
  #failure: string | undefined;

  constructor(spec: ExportSpec) {
    this.spec = spec;
  }

  /** Why the file could not be written; undefined where it could. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether it is time to try again. After the clock was set back, it is. @param now ms since 1970 */
  isRetryDue(now: number): boolean {
    return this.#failure !== undefined && (now - this.#triedAt >= RETRY || now < this.#triedAt);
  }

  /**
   * Writes the file where it would hold other clients than before. Never throws.
   * @param parts all blocked clients, in parts between which others have their turn
   */
  async write(parts: AsyncIterable<readonly RuledBlock[]>, options: WriteOptions): Promise<void> {
    const { file, mode } = this.spec;
    const hash = createHash('sha256');
    let digest = '';
    const isNew = () => {
      digest = hash.digest('base64');
      return digest !== this.#digest || this.#failure !== undefined;
    };
    this.#triedAt = options.now;
    try {
      await writeExport(file, mode, this.#text(parts, hash, options), isNew);
      this.#digest = digest;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = (error as Error).message;
    }
  }

  /** @param hash takes the clients and when their blocks end: the text of nft has other times each second */
  async *#text(
    parts: AsyncIterable<readonly RuledBlock[]>,
    hash: Hash,
    { usual, now, pause }: WriteOptions,
  ): AsyncGenerator<string> {
    const { format, rules } = this.spec;
    const wanted = rules === undefined ? usual : new Set(rules);
    const text = exportText(format, now);
    yield text.start;
    for await (const part of parts) {
      const exported = part.filter(({ rule }) => wanted.has(rule));
      hash.update(exported.map(({ ip, until }) => `${ip} ${until}\n`).join(''));
      yield text.add(exported);
    }
    for (const rest of text.end()) {
      yield rest;
      await pause();
    }
  }
}
