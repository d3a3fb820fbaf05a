// Keeps the files under export: in policy.yml current: at most once a second, and only after a change.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Blocks } from '../../blocks/blocks.ts';
import type { Change } from '../../blocks/changes.ts';
import type { Config } from '../../config/config.ts';
import { blockedNow, type RuledBlock } from '../../exports/blocked.ts';
import { Exporter } from '../../exports/exporter.ts';
import type { PartTroubles } from '../../health/part-troubles.ts';
import { MINUTE } from '../../values/duration.ts';
import type { Companion } from './companions.ts';

/** ms that a file may take when the daemon stops; the one before stays then */
const FINISH = 1000;

/** Of its time, one part for the files and so many without: those of a million clients must not take a core. */
const REST = 9;
/** ms */
const MAX_REST = 5 * MINUTE;

export interface ExportsParts {
  readonly blocks: Blocks;
  readonly health: { readonly parts: Pick<PartTroubles, 'exported'> };
  readonly traffic: { fault(where: string, error: unknown): void };
}

/** What the files are made from. */
type Source = Pick<Config, 'allow' | 'rules'>;

export class Exports implements Companion {
  readonly name = 'exports';
  readonly #parts: ExportsParts;
  readonly #clock: () => number;
  /** by the text of their options */
  #exporters: ReadonlyMap<string, Exporter> = new Map();
  #source: Source = { allow: [], rules: [] };
  #isDue = false;
  /** ms since 1970: no exported block ends before */
  #nextEnd = Number.POSITIVE_INFINITY;
  #writing: Promise<void> | undefined;
  /** ms since 1970: nothing is written before */
  #restUntil = 0;

  /** @param clock ms since 1970 */
  constructor(parts: ExportsParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  async adopt({ exports = [], allow, rules }: Config): Promise<void> {
    const before = this.#exporters;
    this.#source = { allow, rules };
    this.#exporters = new Map(
      exports.map((spec) => {
        const key = JSON.stringify(spec);
        return [key, before.get(key) ?? new Exporter(spec)];
      }),
    );
    for (const [key, { spec }] of before)
      if (!this.#exporters.has(key)) this.#parts.health.parts.exported(spec.file, undefined, this.#clock());
    this.#isDue = true;
  }

  /** Every change but those that leave all blocks as they are. */
  changed({ type }: Change): void {
    this.#isDue ||= type !== 'refused' && type !== 'spared' && type !== 'proxy-suspected';
  }

  tick(now: number): void {
    const exporters = [...this.#exporters.values()];
    // After the clock was set back, the time starts again.
    this.#restUntil = Math.min(this.#restUntil, now + MAX_REST);
    if (now < this.#restUntil) return;
    const isDue = this.#isDue || now >= this.#nextEnd || exporters.some((one) => one.isRetryDue(now));
    if (exporters.length === 0 || this.#writing !== undefined || !isDue) return;
    this.#isDue = false;
    this.#writing = this.#write(exporters, now)
      .catch((error: unknown) => this.#parts.traffic.fault(this.name, error))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async stop(): Promise<void> {
    await Promise.race([this.#writing, delay(FINISH, undefined, { ref: false })]);
  }

  async #write(exporters: readonly Exporter[], now: number): Promise<void> {
    const { health } = this.#parts;
    // A packet filter does not know who has logged in.
    const unlessPassed = this.#source.rules.filter(({ passes }) => passes === undefined);
    const usual = new Set(unlessPassed.map(({ name }) => name));
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const exporter of exporters) {
      await exporter.write(this.#blocked(now), { usual, now, pause: setImmediate });
      health.parts.exported(exporter.spec.file, exporter.failure, this.#clock());
    }
    const end = this.#clock();
    this.#restUntil = end + Math.min(REST * (end - now), MAX_REST);
  }

  async *#blocked(now: number): AsyncGenerator<readonly RuledBlock[]> {
    for await (const part of blockedNow(this.#parts.blocks, this.#source.allow, now, setImmediate)) {
      for (const { until } of part) this.#nextEnd = Math.min(this.#nextEnd, until);
      yield part;
    }
  }
}
