// Keeps the files under export: in policy.yml current: at most once a second, and only after a change.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Blocks } from '../../blocks/blocks.ts';
import type { Change } from '../../blocks/changes.ts';
import type { Config } from '../../config/config.ts';
import { blockedNow } from '../../exports/blocked.ts';
import { Exporter } from '../../exports/exporter.ts';
import type { PartTroubles } from '../../health/part-troubles.ts';
import type { Companion } from './companions.ts';

/** ms that a file may take when the daemon stops; the one before stays then */
const FINISH = 1000;

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
    const { blocks, health } = this.#parts;
    const { allow, rules } = this.#source;
    const blocked = await blockedNow(blocks, allow, now, setImmediate);
    // A packet filter does not know who has logged in.
    const usual = new Set(rules.filter(({ passes }) => passes === undefined).map(({ name }) => name));
    this.#nextEnd = blocked.reduce((end, { until }) => Math.min(end, until), Number.POSITIVE_INFINITY);
    for (const exporter of exporters) {
      await exporter.write(blocked, { usual, now, pause: setImmediate });
      health.parts.exported(exporter.spec.file, exporter.failure, this.#clock());
    }
  }
}
