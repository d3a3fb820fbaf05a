// The tally of one rule in a replay: its blocks, what they stop, and what they cost.

import type { BlockBegun, ClientSpared } from '../../blocks/changes.ts';
import type { CountingRule } from '../../blocks/rules.ts';
import { isoTextOf } from '../../values/iso-time.ts';
import type { RuleReport } from '../report/report.ts';

/** IPs that one tally distinguishes; with more, each further block counts as that of a new IP. */
const MAX_IPS = 1_000_000;

export class RuleTally {
  readonly rule: CountingRule;
  events = 0;
  stopped = 0;
  lost = 0;
  #blocks = 0;
  #again = 0;
  #first: number | undefined;
  #undistinguished = 0;
  readonly #ips = new Set<string>();
  readonly #lostIps = new Set<string>();
  #spared = 0;
  readonly #sparedIps = new Set<string>();
  /** number of blocks by the seconds from first event to block, which are no more than the rule's `within` */
  readonly #delays = new Map<number, number>();

  constructor(rule: CountingRule) {
    this.rule = rule;
  }

  block({ ip, at, first }: BlockBegun): void {
    this.#blocks++;
    this.#first = Math.min(this.#first ?? at, at);
    const delay = Math.round((at - (first ?? at)) / 1000);
    this.#delays.set(delay, (this.#delays.get(delay) ?? 0) + 1);
    if (this.#ips.has(ip)) this.#again++;
    else if (this.#ips.size < MAX_IPS) this.#ips.add(ip);
    else this.#undistinguished++;
  }

  lose(ip: string): void {
    this.lost++;
    if (this.#lostIps.size < MAX_IPS) this.#lostIps.add(ip);
  }

  spare({ ip }: ClientSpared): void {
    this.#spared++;
    if (this.#sparedIps.size < MAX_IPS) this.#sparedIps.add(ip);
  }

  get blocks(): number {
    return this.#blocks;
  }

  get ips(): number {
    return this.#ips.size + this.#undistinguished;
  }

  get lostIps(): number {
    return this.#lostIps.size;
  }

  get sparedIps(): number {
    return this.#sparedIps.size;
  }

  /** @param without the tally of the same rule where nothing spares clients */
  report(without: RuleTally | undefined): RuleReport {
    const { name, limit, within, blockFor, share = 0, enforce } = this.rule;
    return {
      rule: name,
      limit,
      within: within / 1000,
      blockFor: blockFor / 1000,
      share,
      enforced: enforce,
      events: this.events,
      blocks: this.#blocks,
      ips: this.ips,
      again: this.#again,
      first: isoTextOf(this.#first) ?? null,
      medianToBlock: this.#medianDelay(),
      stopped: this.stopped,
      lost: this.lost,
      spared: this.#spared,
      sparedIps: this.sparedIps,
      without:
        without === undefined
          ? null
          : { blocks: without.blocks, ips: without.ips, stopped: without.stopped, lost: without.lost },
    };
  }

  #medianDelay(): number | null {
    let left = Math.ceil(this.#blocks / 2);
    for (const [delay, count] of [...this.#delays].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return delay;
    }
    return null;
  }
}
