// Publishes what was done on this host, in the order of its audit trail, which has it first; after a fault from the trail.

import type { AuditedChange } from '../blocks/changes.ts';
import { type AuditEntry, changeOf } from '../state/audit.ts';
import { MAX_SKEW } from './reach.ts';
import { shardOfChange } from './shard.ts';

/** Changes that wait for the server: more are read from the trail. */
const MAX_WAITING = 1000;
/** Changes that are under way at the same time: the order in which they come does not matter. */
const AT_ONCE = 64;
/** Positions in streams that are known of the newest changes, for confirmations. */
const MAX_KNOWN = 10_000;

/** Where a change stands in the streams. */
export interface PublishedAt {
  readonly shard: number;
  readonly id: string;
}

export interface PublisherParts {
  publish(shard: number, change: AuditedChange): Promise<string>;
  /** Writes the audit trail to the disk. */
  flush(): Promise<void>;
  /** The lines of the trail after a number, the oldest first. */
  entriesAfter(sequence: number): Promise<readonly AuditEntry[]>;
  failed(error: unknown): void;
}

export class Publisher {
  readonly #parts: PublisherParts;
  /** the last line of the trail that is published, or need not be */
  #sequence = 0;
  #waiting: { readonly sequence: number; readonly change: AuditedChange }[] = [];
  /** not everything that is to be published waits in memory */
  #needsTrail = false;
  #isOn = false;
  #running: Promise<void> | undefined;
  /** by number in the trail */
  readonly #known = new Map<number, PublishedAt>();

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /** The last line of the trail that is published, or need not be. */
  get sequence(): number {
    return this.#sequence;
  }

  /** @param sequence what was published before the start */
  begin(sequence: number): void {
    this.#sequence = sequence;
    this.#needsTrail = true;
  }

  /** A change that was made on this host. @param sequence its number in the trail */
  take(change: AuditedChange, sequence: number): void {
    if (!isPublished(change)) {
      if (this.#isIdle) this.#sequence = sequence;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) this.#needsTrail = true;
    if (this.#needsTrail) this.#waiting = [];
    else this.#waiting.push({ sequence, change });
    this.#run();
  }

  /** The server can be reached. */
  resume(): void {
    this.#isOn = true;
    this.#run();
  }

  /** The server cannot be reached: what is not published is read from the trail later. */
  pause(): void {
    this.#isOn = false;
    if (this.#waiting.length > 0) this.#needsTrail = true;
    this.#waiting = [];
  }

  /** Publishes these too: the server has lost what it held. */
  async republish(changes: readonly AuditedChange[]): Promise<void> {
    const all = changes.filter(isPublished);
    for (let i = 0; i < all.length; i += AT_ONCE)
      await Promise.all(all.slice(i, i + AT_ONCE).map((change) => this.#publish(change)));
  }

  /** Resolves when all is published, with where the lines after one and up to another stand; undefined where it is not. */
  async published(from: number, to: number): Promise<readonly PublishedAt[] | undefined> {
    await this.#running;
    if (!this.#isOn || !this.#isIdle) return undefined;
    return [...this.#known].flatMap(([sequence, at]) => (sequence > from && sequence <= to ? [at] : []));
  }

  get #isIdle(): boolean {
    return !this.#needsTrail && this.#waiting.length === 0 && this.#running === undefined;
  }

  #run(): void {
    if (!this.#isOn || this.#running !== undefined) return;
    if (!this.#needsTrail && this.#waiting.length === 0) return;
    this.#running = this.#publishAll()
      .catch((error: unknown) => {
        this.pause();
        this.#needsTrail = true;
        this.#parts.failed(error);
      })
      .finally(() => {
        this.#running = undefined;
        this.#run();
      });
  }

  async #publishAll(): Promise<void> {
    await this.#parts.flush();
    while (this.#isOn && (this.#needsTrail || this.#waiting.length > 0)) {
      if (this.#needsTrail) await this.#publishTrail();
      const next = this.#waiting.shift();
      if (next === undefined) continue;
      this.#note(next.sequence, await this.#publish(next.change));
    }
  }

  async #publishTrail(): Promise<void> {
    this.#needsTrail = false;
    this.#waiting = [];
    for (const entry of await this.#parts.entriesAfter(this.#sequence)) {
      if (!this.#isOn) {
        this.#needsTrail = true;
        return;
      }
      const change = entry.host === undefined ? changeOf(entry) : undefined;
      const isOurs = change !== undefined && isPublished(change);
      this.#note(entry.sequence, isOurs ? await this.#publish(change) : undefined);
    }
  }

  async #publish(change: AuditedChange): Promise<PublishedAt> {
    const shard = shardOfChange(change);
    return { shard, id: await this.#parts.publish(shard, change) };
  }

  #note(sequence: number, at: PublishedAt | undefined): void {
    this.#sequence = Math.max(this.#sequence, sequence);
    if (at === undefined) return;
    this.#known.set(sequence, at);
    for (const [oldest] of this.#known) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
  }
}

/**
 * Ends by time, by a policy or by lack of room are each host's own, and so are watched blocks. A client is spared by the
 * server, or by the counts of one host alone.
 */
export function isPublished(change: AuditedChange): boolean {
  switch (change.type) {
    case 'block':
      return change.enforced;
    case 'end':
      return change.enforced && change.reason === 'lifted';
    case 'disallow':
      // An entry that expires does so on each host.
      return change.hand !== undefined;
    case 'spared':
      return false;
    default:
      return true;
  }
}

/**
 * The change as if it were made at `now` (ms since 1970) where it lies further ahead than clocks may differ, and as long as
 * it was. A host whose clock is a year ahead would block a client for that year on all hosts, and what it lifts would not
 * be counted for that year.
 */
export function notAhead(change: AuditedChange, now: number): AuditedChange {
  const ahead = change.at - now;
  if (ahead <= MAX_SKEW) return change;
  return {
    ...change,
    at: now,
    ...('until' in change && { until: change.until - ahead }),
    ...('since' in change && { since: Math.min(change.since, now) }),
  } as AuditedChange;
}
