// One export: whether its file is due, and what it held last. Knows no clock; writes its file.

import { createHash } from 'node:crypto';
import type { ExportSpec } from '../config/fields/export-fields.ts';
import type { RuledBlock } from './blocked.ts';
import { writeExport } from './export-file.ts';
import { exportParts } from './formats.ts';

/** ms between two attempts where the file cannot be written */
const RETRY = 10_000;

/** Clients that are looked at before verdicts are answered again. */
const STEP = 1000;

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
   * @param blocked all blocked clients
   */
  async write(blocked: readonly RuledBlock[], { usual, now, pause }: WriteOptions): Promise<void> {
    const { format, file, mode, rules } = this.spec;
    const wanted = rules === undefined ? usual : new Set(rules);
    const exported = blocked.filter(({ rule }) => wanted.has(rule));
    const digest = await digestOf(exported, pause);
    if (digest === this.#digest && this.#failure === undefined) return;
    this.#triedAt = now;
    try {
      await writeExport(file, mode, exportParts(format, exported, now));
      this.#digest = digest;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = (error as Error).message;
    }
  }
}

/** In steps, between which verdicts are answered. */
async function digestOf(blocked: readonly RuledBlock[], pause: () => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  for (let i = 0; i < blocked.length; i += STEP) {
    const part = blocked.slice(i, i + STEP).map(({ ip, until }) => `${ip} ${until}`);
    hash.update(part.join('\n'));
    await pause();
  }
  return hash.digest('base64');
}
