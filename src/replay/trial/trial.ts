// One policy on trial: blocks of its own, fed with the events of the log, as the daemon feeds its own.

import { Blocks } from '../../blocks/blocks.ts';
import type { Change } from '../../blocks/changes.ts';
import type { AbuseEvent, Refusal } from '../../blocks/events/event.ts';
import type { Block, ClientRecord } from '../../blocks/table/record.ts';
import type { Terms } from '../../blocks/terms.ts';

const NONE: readonly string[] = [];
/** Only the log tells the time, and a line of it that comes late is no clock that was set back. */
const NO_CLOCK = Number.POSITIVE_INFINITY;

export class Trial {
  readonly #blocks: Blocks;

  /** @param onChange hears of blocks as they begin and end, by the log's time */
  constructor(terms: Terms, onChange: (change: Change) => void) {
    this.#blocks = new Blocks(terms, onChange);
  }

  /** Records that were let go for want of room. */
  get forgotten(): number {
    return this.#blocks.table.evicted;
  }

  /** Takes a refusal of ours. */
  pass(event: Refusal): void {
    this.#blocks.take(event);
  }

  /**
   * Takes abuse by a client that is not on the allow list.
   *
   * @param ip the key under which the client is counted
   * @returns the rules that blocked the client already when it happened
   */
  abuse(event: AbuseEvent, ip: string): readonly string[] {
    const holding = this.rulesHolding(ip, event.at);
    this.#blocks.take(event);
    return holding;
  }

  /**
   * The log has come to `now` (ms): to be told every second, as in the daemon.
   * @param settled ms; no older line of the log is still to be read, as far as can be known
   */
  advance(now: number, settled: number): void {
    this.finish(now);
    this.#blocks.forget(settled);
  }

  /** Ends what is over by `now` (ms), the end of the log. */
  finish(now: number): void {
    // One after the other, also where the log was silent over many of them: the daemon, which looks each second, tells
    // them in the order of their times.
    for (let end = this.#blocks.nextEnd; end !== undefined && end <= now; end = this.#blocks.nextEnd)
      this.#blocks.expire(NO_CLOCK, end);
  }

  /** Whether any rule may block a client, under this key. */
  isHolding(ip: string): boolean {
    return this.#blocks.table.pinnedRecord(ip) !== undefined;
  }

  /**
   * The rules that block a client at a moment (ms), or would if they were enforced; that which is enforced first. The
   * allow list is not asked.
   *
   * @param ip the key under which the client is counted
   */
  rulesHolding(ip: string, at: number): readonly string[] {
    const record = this.#blocks.table.pinnedRecord(ip);
    return record === undefined ? NONE : rulesOf(record, at);
  }
}

function rulesOf({ block, watches }: ClientRecord, at: number): readonly string[] {
  const rules: string[] = [];
  if (block !== undefined && isRunning(block, at)) rules.push(block.rule);
  for (const watch of watches ?? []) if (isRunning(watch, at)) rules.push(watch.rule);
  return rules;
}

function isRunning({ since, until }: Block, at: number): boolean {
  return since <= at && at < until;
}
