// What goes between this host and the server while it is reached: events and changes to it, and changes from it.

import type { AuditedChange } from '../blocks/changes.ts';
import type { LogEvent } from '../blocks/events/event.ts';
import { needsGood, type Terms } from '../blocks/terms.ts';
import type { EventIdentity } from '../maillog/sources/numbering.ts';
import type { Bookmark } from '../state/state.ts';
import { checkpointOf } from './checkpoints.ts';
import { notAhead, Publisher } from './publisher.ts';
import type { Reach } from './reach.ts';
import { remembered } from './remembered.ts';
import { type SavedSharing, savedCheckpoint, savedOf, savedPosition } from './saved-sharing.ts';
import { Sender } from './sender.ts';
import { sharedRulesOf } from './shared-rules.ts';
import type { SharedChange, SharedRules, SharedStore } from './shared-store.ts';
import type { SharingParts } from './sharing-parts.ts';
import { Streams } from './streams.ts';

/** ms between two readings of all streams, whether or not the server says that they changed */
const READ_EVERY = 5000;
/** ms: two losses within this time are of one trouble */
const LOSSES_APART = 3000;
/** The name of nothing that a server holds. */
const LOST = '';

type Needed =
  | 'blocks'
  | 'state'
  | 'openSources'
  | 'numbers'
  | 'applied'
  | 'fault'
  | 'notUnderstood'
  | 'clock';

export interface ExchangeParts extends Pick<SharingParts, Needed> {
  readonly store: SharedStore;
  /** A call failed: everything pauses. */
  failed(error: unknown): void;
  /** The mode of the sender changed. */
  changed(): void;
  /** The server is to be asked at once what it holds, and what waits for that goes on. */
  hurry(): void;
}

export class Exchange {
  readonly #parts: ExchangeParts;
  readonly sender: Sender;
  readonly #publisher: Publisher;
  readonly streams: Streams;
  #rules: SharedRules;
  /** ms: the longest time within which events count together */
  #longest: number;
  /** names what the server held last */
  #held = LOST;
  /** names what it holds with all that this host remembers; LOST until it has got that */
  #generation: string | undefined;
  /** ms by which the clock of this host is ahead of the server's; 0 where they agree */
  #skew = 0;
  #refilling: Promise<void> | undefined;
  /** ms since 1970 */
  #readAt = 0;
  /** ms since 1970: when the server lost what it held */
  #lostAt = 0;
  /** It is the first time for a while. */
  #isFirstLoss = true;

  constructor(parts: ExchangeParts, terms: Terms) {
    this.#parts = parts;
    this.#rules = sharedRulesOf(terms);
    this.#longest = terms.rules.longest;
    this.sender = this.#newSender();
    this.#publisher = this.#newPublisher();
    this.streams = this.#newStreams();
  }

  /** Of the rules by which the events of this host count. */
  get digest(): string {
    return this.#rules.digest;
  }

  /**
   * Sets where everything begins, before the first `resume`.
   * @param saved of the snapshot, unchecked
   * @param bookmark where the log is read now
   */
  begin(saved: unknown, bookmark: Bookmark): void {
    const { checkpoint, backlog, positions, streams, sequence, generation } = savedOf(saved, bookmark.texts);
    if (checkpoint === undefined)
      this.sender.begin(checkpointOf(bookmark, this.#parts.clock()), 0, positions);
    else this.sender.begin(checkpoint, backlog, positions);
    this.streams.begin(streams);
    this.#publisher.begin(sequence ?? this.#parts.state.sequence);
    this.#generation = generation;
  }

  /** An event that the daemon has read, after its blocks have taken it. */
  take(event: LogEvent, identity: EventIdentity): void {
    this.sender.take(event, identity);
  }

  /** A change that was made on this host, when the audit trail has it. */
  changed(change: AuditedChange): void {
    this.#publisher.take(change, this.#parts.state.sequence);
  }

  /** Where the changes of this host after a line of the trail stand; undefined where the server does not have them. */
  async published(after: number) {
    return await this.#publisher.published(after, this.#parts.state.sequence);
  }

  /** Takes the position of a snapshot that begins. @returns what the snapshot must hold */
  bookmark(bookmark: Bookmark): SavedSharing {
    const checkpoint = this.sender.bookmark(bookmark);
    const { backlog } = this.sender;
    return {
      streams: this.streams.ids,
      sequence: this.#publisher.sequence,
      positions: this.sender.saved.map(savedPosition),
      ...(this.#generation !== undefined && { generation: this.#generation }),
      ...(checkpoint && { checkpoint: savedCheckpoint(checkpoint) }),
      ...(checkpoint && backlog !== undefined && { backlog }),
    };
  }

  /** Takes up new terms. */
  adopt(terms: Terms): void {
    this.#rules = sharedRulesOf(terms);
    this.#longest = terms.rules.longest;
    this.sender.restart().catch(this.#parts.fault);
  }

  /** Nothing goes either way until `resume`. */
  pause(): void {
    this.#readAt = 0;
    this.sender.fallBehind();
    this.#publisher.pause();
    this.streams.pause();
  }

  /** Goes on, as far as this host may share. Call every second while the server answers. */
  resume({ isTaken, isBarred, skew }: Pick<Reach, 'isTaken' | 'isBarred' | 'skew'>, now: number): void {
    this.#skew = skew;
    if (now >= this.#readAt + READ_EVERY || now < this.#readAt) {
      this.#readAt = now;
      this.streams.resume();
    }
    if (isTaken) this.#publisher.pause();
    else this.#publisher.resume();
    // Before any event is counted again: what led to a block that is over must not lead to another one.
    if (this.#generation === LOST && !isTaken) this.#refill();
    else if (!isBarred) this.sender.catchUp().catch((error: unknown) => this.#sendFault(error));
  }

  /**
   * What the server holds has a name; another one means that it was emptied, or replaced by an older copy. A host without
   * one begins to share: the server has nothing of what this host remembers, and its events count from now on.
   */
  holds(generation: string): void {
    this.#held = generation;
    if (this.#generation === undefined) this.#generation = LOST;
    else if (this.#generation !== generation) this.#lose();
  }

  #newSender(): Sender {
    const { blocks, clock, numbers, openSources, store, changed } = this.#parts;
    return new Sender({
      blocks,
      clock,
      numbers,
      openSources,
      changed,
      readsGood: () => needsGood(blocks.terms),
      send: (batch) => store.count({ ...batch, generation: this.#generation }, this.#rules),
      lost: () => this.#lose(),
      repeated: () => void store.repeated().catch(this.#parts.failed),
      failed: this.#parts.failed,
    });
  }

  #newPublisher(): Publisher {
    const { state, clock, store, failed } = this.#parts;
    const now = () => clock() - this.#skew;
    return new Publisher({
      publish: (shard, change) => store.publish(shard, notAhead(change, now()), now()),
      flush: () => state.flush(),
      entriesAfter: (sequence) => state.entriesAfter(sequence),
      failed,
    });
  }

  #newStreams(): Streams {
    const { store, notUnderstood, failed } = this.#parts;
    return new Streams({
      read: (shard, after) => store.read(shard, after),
      readAll: (shard, take) => store.readAll(shard, take),
      apply: (change) => this.#apply(change),
      notUnderstood,
      failed,
    });
  }

  /** The server has lost something that it held. */
  #lose(): void {
    if (this.#generation === LOST) return;
    this.#generation = LOST;
    const now = this.#parts.clock();
    this.#isFirstLoss = Math.abs(now - this.#lostAt) > LOSSES_APART;
    this.#lostAt = now;
    this.sender.goBack(now - this.#longest);
    this.streams.restart();
    this.#readAt = 0;
    this.#hurry();
  }

  /** A server that loses something again and again is filled once in a few seconds. */
  #hurry(): void {
    if (this.#isFirstLoss) this.#parts.hurry();
  }

  /** Gives the server what this host remembers; begins again where that is interrupted, also by the end of the process. */
  #refill(): void {
    const held = this.#held;
    this.#refilling ??= remembered(this.#parts, this.#parts.clock())
      .then((changes) => this.#publisher.republish(changes))
      .then(() => this.#parts.store.begin(held))
      .then(() => {
        this.#generation = held;
        this.#hurry();
      })
      .catch(this.#parts.failed)
      .finally(() => {
        this.#refilling = undefined;
      });
  }

  #apply({ change: sent, host }: SharedChange): void {
    try {
      const change = notAhead(sent, this.#parts.clock());
      if (this.#parts.blocks.apply(change)) this.#parts.applied(change, host);
    } catch (error) {
      this.#parts.fault(error);
    }
  }

  #sendFault(error: unknown): void {
    this.sender.fallBehind();
    this.#parts.fault(error);
  }
}
