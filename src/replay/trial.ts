// One policy on trial: blocks of its own, fed with the events of the log, as the daemon feeds its own.

import { Blocks } from '../blocks/blocks.ts';
import type { Change } from '../blocks/changes.ts';
import type { LogEvent } from '../blocks/event.ts';
import type { Block } from '../blocks/record.ts';
import type { Terms } from '../blocks/terms.ts';

/** ms between looks at blocks whose time is over, as in the daemon */
const TICK = 1000;

export class Trial {
  readonly #blocks: Blocks;
  #nextTick = 0;

  /** @param onChange hears of blocks as they begin and end, by the log's time */
  constructor(terms: Terms, onChange: (change: Change) => void) {
    this.#blocks = new Blocks(terms, onChange);
  }

  get terms(): Terms {
    return this.#blocks.terms;
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

  /** Whether a client may be blocked now: for most it is known at once that they are not. */
  mayHold(ip: string): boolean {
    return this.#blocks.table.heldRecord(ip) !== undefined;
  }

  /** The rules that block this client at a moment (ms), or would if they were enforced; that which is enforced first. */
  rulesHolding(address: string, name: string | undefined, at: number): readonly string[] {
    const record = this.#blocks.recordOf(address);
    if (record === undefined || this.terms.allow.covers(address, name)) return [];
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
