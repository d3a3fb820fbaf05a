// One policy on trial: its own blocks, which take the events of the log as the daemon's do.

import { Blocks } from '../../blocks/blocks.ts';
import type { Change } from '../../blocks/changes.ts';
import type { AbuseEvent, LogEvent } from '../../blocks/events/event.ts';
import type { BlockView, ClientView } from '../../blocks/table/table-view.ts';
import type { Terms } from '../../blocks/terms.ts';

const NONE: readonly string[] = [];
/** The log alone gives the time: a line that comes late is not a clock that was set back. */
const NO_CLOCK = Number.POSITIVE_INFINITY;

export class Trial {
  readonly #blocks: Blocks;

  /** @param onChange called with each change, by the log's time */
  constructor(terms: Terms, onChange: (change: Change) => void) {
    this.#blocks = new Blocks(terms, onChange);
  }

  /** Records evicted because max-tracked was reached. */
  get evicted(): number {
    return this.#blocks.table.evicted;
  }

  /** Takes an event of which nothing is asked: all but abuse by a client that is not on the allow list. */
  take(event: LogEvent): void {
    this.#blocks.take(event);
  }

  /**
   * Takes abuse by a client that is not on the allow list.
   *
   * @param ip the client key
   * @returns the rules that block the client already when it happens
   */
  abuse(event: AbuseEvent, ip: string): readonly string[] {
    const blocking = this.rulesBlocking(ip, event.at);
    this.#blocks.take(event);
    return blocking;
  }

  /**
   * The log has reached `now` (ms): called every second of its time, as in the daemon.
   *
   * @param settled ms; as far as can be known, no line that is still to be read is older
   */
  advance(now: number, settled: number): void {
    this.finish(now);
    this.#blocks.forget(settled);
  }

  /** Ends the blocks that expire by `now` (ms), the end of the log. */
  finish(now: number): void {
    // One by one, also where the log is silent while many of them expire: the daemon checks every second, and so reports
    // them in the order of their times.
    for (let end = this.#blocks.nextEnd; end !== undefined && end <= now; end = this.#blocks.nextEnd)
      this.#blocks.expire(NO_CLOCK, end);
    if (this.#blocks.breaker.opening !== undefined) this.#blocks.expire(NO_CLOCK, now);
  }

  /** Whether any rule may block the client with this key. */
  mayBlock(ip: string): boolean {
    return this.#blocks.table.pinnedRecord(ip) !== undefined;
  }

  /**
   * The rules that block a client at a moment (ms), or would if they were enforced; the enforced one comes first. The
   * allow list is not consulted.
   *
   * @param ip the client key
   */
  rulesBlocking(ip: string, at: number): readonly string[] {
    const record = this.#blocks.table.pinnedRecord(ip);
    return record === undefined ? NONE : rulesOf(record, at);
  }
}

function rulesOf({ block, watches }: ClientView, at: number): readonly string[] {
  const rules: string[] = [];
  if (block !== undefined && isRunning(block, at)) rules.push(block.rule);
  for (const watch of watches ?? []) if (isRunning(watch, at)) rules.push(watch.rule);
  return rules;
}

function isRunning({ since, until }: BlockView, at: number): boolean {
  return since <= at && at < until;
}
