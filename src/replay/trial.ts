// One policy on trial: blocks of its own, fed with the events of the log, as the daemon feeds its own.

import { Blocks } from '../blocks/blocks.ts';
import type { Change } from '../blocks/changes.ts';
import type { LogEvent } from '../blocks/event.ts';
import type { Block } from '../blocks/record.ts';
import type { Terms } from '../blocks/terms.ts';

/** ms between looks at blocks whose time is over, as in the daemon */
const TICK = 1000;
const NONE: readonly string[] = [];

export class Trial {
  readonly #blocks: Blocks;
  #nextTick = 0;

  /** @param onChange hears of blocks as they begin and end, by the log's time */
  constructor(terms: Terms, onChange: (change: Change) => void) {
    this.#blocks = new Blocks(terms, onChange);
  }

  /** Records that were let go for want of room. */
  get forgotten(): number {
    return this.#blocks.table.forgotten;
  }

  take(event: LogEvent): void {
    this.#blocks.take(event);
  }

  /** The log has come to `now` (ms). */
  advance(now: number): void {
    if (now < this.#nextTick) return;
    this.#nextTick = now + TICK;
    this.finish(now);
    this.#blocks.forget(now);
  }

  /** Ends what is over by `now` (ms), the end of the log. */
  finish(now: number): void {
    // One after the other, also where the log was silent over many of them: the daemon, which looks each second, tells
    // them in the order of their times.
    for (let end = this.#blocks.nextEnd; end !== undefined && end <= now; end = this.#blocks.nextEnd)
      this.#blocks.expire(end);
  }

  /**
   * The rules that block a client at a moment (ms), or would if they were enforced; that which is enforced first. The
   * allow list is not asked.
   *
   * @param ip the key under which the client is counted
   */
  rulesHolding(ip: string, at: number): readonly string[] {
    const record = this.#blocks.table.heldRecord(ip);
    if (record === undefined) return NONE;
    const rules: string[] = [];
    const { block, watches } = record;
    if (block !== undefined && isRunning(block, at)) rules.push(block.rule);
    for (const watch of watches ?? []) if (isRunning(watch, at)) rules.push(watch.rule);
    return rules;
  }
}

function isRunning({ since, until }: Block, at: number): boolean {
  return since <= at && at < until;
}
