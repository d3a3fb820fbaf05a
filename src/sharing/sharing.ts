// Many hosts, one memory: what this host sends to the server and takes from it, and who decides on blocks meanwhile.

import type { Blocks } from '../blocks/blocks.ts';
import type { AuditedChange } from '../blocks/changes.ts';
import type { LogEvent } from '../blocks/events/event.ts';
import { needsGood, type Terms } from '../blocks/terms.ts';
import type { EventIdentity, NumberingState } from '../maillog/sources/numbering.ts';
import type { LogSource, Notice } from '../maillog/sources/source.ts';
import type { Bookmark, State } from '../state/state.ts';
import { MINUTE } from '../values/duration.ts';
import { checkpointOf } from './checkpoints.ts';
import { type Gathered, Gathering } from './gathering.ts';
import { Publisher } from './publisher.ts';
import { Reach, type ReportTrouble } from './reach.ts';
import { remembered } from './remembered.ts';
import { type SavedSharing, savedCheckpoint, savedOf } from './saved-sharing.ts';
import { Sender } from './sender.ts';
import { sharedRulesOf } from './shared-rules.ts';
import {
  type SharedChange,
  type SharedRules,
  type SharedStore,
  StoreError,
  type StoreListener,
} from './shared-store.ts';
import { Streams } from './streams.ts';

const SECOND = 1000;
/** ms between two reports to the server: below the time for which a host holds its name there */
export const REPORT_EVERY = SECOND;
/** ms between two readings of all streams, whether or not the server says that they changed */
const READ_EVERY = 5 * SECOND;
/** ms for which a host that starts leaves decisions to a server that it does not reach */
const PATIENCE = 2 * SECOND;
/** ms for which it leaves them to one that it reaches, and to which it sends what happened before */
const MAX_START = MINUTE;

export interface SharingParts {
  readonly host: string;
  readonly version: string;
  readonly blocks: Blocks;
  readonly state: Pick<State, 'flush' | 'sequence' | 'entriesAfter'>;
  /** opens the server; what it reports goes to the listener */
  open(listener: StoreListener): SharedStore;
  /** opens the sources that the daemon follows, a second time */
  openSources(notify: (notice: Notice) => void): Promise<readonly LogSource[]>;
  /** how far the daemon has read the log, by name of the source */
  numbers(): Readonly<Record<string, NumberingState>>;
  /** ms by which the log is read late */
  lag(): number;
  /** A change of another host, or a decision of the server, was applied. */
  applied(change: AuditedChange, host: string): void;
  readonly trouble: ReportTrouble;
  /** Answers what another host asks. */
  answer(question: unknown): Promise<unknown>;
  fault(error: unknown): void;
  /** So many changes of hosts with a newer release could not be taken. */
  notUnderstood(count: number): void;
  /** Another program wrote a key under the prefix of this one; it has another name now. */
  setAside(key: string, name: string): void;
  /** ms since 1970 */
  clock(): number;
}

/** Which hosts hold a change. */
export interface Confirmed extends Pick<Gathered, 'asked' | 'missing'> {
  /** Whether the server has it. */
  readonly isSent: boolean;
}

export class Sharing {
  readonly #parts: SharingParts;
  readonly #store: SharedStore;
  readonly #reach: Reach;
  readonly #sender: Sender;
  readonly #publisher: Publisher;
  readonly #streams: Streams;
  readonly gathering: Gathering;
  #rules: SharedRules;
  #longest = 0;
  #generation: string | undefined;
  #startedAt = 0;
  #isStarting = true;
  #reporting = false;
  #readAt = 0;

  constructor(parts: SharingParts, terms: Terms) {
    this.#parts = parts;
    this.#reach = new Reach(parts.host, parts.trouble);
    this.#rules = sharedRulesOf(terms);
    this.#longest = terms.rules.longest;
    this.#store = parts.open({
      changed: (shard) => this.#streams.wake(shard),
      asked: (question, reply) => this.gathering.asked(question, reply),
      setAside: parts.setAside,
      connection: (isUp, reason) => (isUp ? this.tick() : this.#lost(reason ?? 'the connection is lost')),
    });
    this.#sender = this.#newSender();
    this.#publisher = this.#newPublisher();
    this.#streams = this.#newStreams();
    this.gathering = new Gathering({
      ask: (question, ms, expected) => this.#store.ask(question, ms, expected),
      hosts: () => this.#store.hosts(),
      answer: parts.answer,
      isApplied: (shard, id) => this.#streams.applied(shard, id),
      host: parts.host,
    });
    this.#decide();
  }

  /**
   * Starts to share, when the log is being followed.
   * @param saved of the snapshot, unchecked
   * @param bookmark where the log is read now
   */
  start(saved: unknown, bookmark: Bookmark): void {
    const now = this.#parts.clock();
    this.#startedAt = now;
    const { checkpoint, streams, sequence, generation } = savedOf(saved);
    this.#sender.begin(checkpoint ?? checkpointOf(bookmark, now));
    this.#streams.begin(streams);
    this.#publisher.begin(sequence ?? this.#parts.state.sequence);
    this.#generation = generation;
    this.#decide();
  }

  /** What the server and this host know of each other now. */
  get status() {
    const { mode, behindSince } = this.#sender;
    return {
      host: this.#parts.host,
      digest: this.#rules.digest,
      isUp: this.#reach.isUp,
      mode,
      behindSince,
    } as const;
  }

  /** An event that the daemon has read, after its blocks have taken it. */
  readonly take = (event: LogEvent, identity: EventIdentity): void => this.#sender.take(event, identity);

  /** A change that was made on this host, when the audit trail has it. */
  changed(change: AuditedChange): void {
    this.#publisher.take(change, this.#parts.state.sequence);
  }

  /** Takes the position of a snapshot that begins. @returns what the snapshot must hold */
  bookmark(bookmark: Bookmark): SavedSharing {
    const checkpoint = this.#sender.bookmark(bookmark);
    return {
      streams: this.#streams.ids,
      sequence: this.#publisher.sequence,
      ...(this.#generation !== undefined && { generation: this.#generation }),
      ...(checkpoint && { checkpoint: savedCheckpoint(checkpoint) }),
    };
  }

  /** Takes up new terms. */
  adopt(terms: Terms): void {
    this.#rules = sharedRulesOf(terms);
    this.#longest = terms.rules.longest;
    this.#sender.restart().catch(this.#parts.fault);
  }

  /** Call every second. */
  tick(): void {
    this.#decide();
    if (this.#reporting) return;
    this.#reporting = true;
    this.#report()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#reporting = false;
      });
  }

  /** Sends and takes nothing more, and gives the name of this host up. */
  async stop(): Promise<void> {
    this.#sender.fallBehind();
    this.#publisher.pause();
    this.#streams.pause();
    if (this.#reach.isUp) await this.#store.leave().catch(() => undefined);
    await this.#store.close().catch(() => undefined);
  }

  /** Which other hosts have taken the changes of this host after a line of the trail. */
  async confirmed(after: number): Promise<Confirmed> {
    try {
      const entries = await this.#publisher.published(after, this.#parts.state.sequence);
      if (entries === undefined) return { isSent: false, asked: [], missing: [] };
      return { isSent: true, ...(await this.gathering.confirmed(entries)) };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { isSent: false, asked: [], missing: [] };
    }
  }

  #newSender(): Sender {
    const { blocks, clock, numbers, openSources } = this.#parts;
    return new Sender({
      blocks,
      clock,
      numbers,
      openSources,
      readsGood: () => needsGood(blocks.terms),
      send: (batch) => this.#store.count(batch, this.#rules),
      lost: () => this.#refill(),
      failed: (error) => this.#failed(error),
      changed: () => this.#decide(),
    });
  }

  #newPublisher(): Publisher {
    const { state, clock } = this.#parts;
    return new Publisher({
      publish: (shard, change) => this.#store.publish(shard, change, clock()),
      flush: () => state.flush(),
      entriesAfter: (sequence) => state.entriesAfter(sequence),
      failed: (error) => this.#failed(error),
    });
  }

  #newStreams(): Streams {
    return new Streams({
      read: (shard, after) => this.#store.read(shard, after),
      readAll: (shard, take) => this.#store.readAll(shard, take),
      apply: (change) => this.#apply(change),
      notUnderstood: this.#parts.notUnderstood,
      failed: (error) => this.#failed(error),
    });
  }

  async #report(): Promise<void> {
    const { version, lag, clock } = this.#parts;
    const begun = clock();
    const { digest } = this.#rules;
    const { generation, time, isTaken } = await this.#store.report({ version, digest, lag: lag() });
    const ended = clock();
    this.#reach.answered(isTaken, time, begun, ended);
    this.#holds(generation);
    if (this.#reach.isBarred) this.#sender.fallBehind();
    if (this.#reach.isDue(ended)) this.#resume(ended);
  }

  #resume(now: number): void {
    this.#reach.resumed();
    if (now >= this.#readAt + READ_EVERY || now < this.#readAt) {
      this.#readAt = now;
      this.#streams.resume();
    }
    if (this.#reach.isTaken) this.#publisher.pause();
    else this.#publisher.resume();
    if (!this.#reach.isBarred) this.#sender.catchUp().catch((error: unknown) => this.#sendFault(error));
    if (this.#sender.mode === 'live') this.#reach.recovered();
    this.#decide();
  }

  #sendFault(error: unknown): void {
    this.#sender.fallBehind();
    this.#parts.fault(error);
  }

  #failed(error: unknown): void {
    if (!(error instanceof StoreError)) this.#parts.fault(error);
    this.#reach.failed(error instanceof Error ? error.message : String(error), this.#parts.clock());
    this.#pause();
  }

  #lost(reason: string): void {
    this.#reach.lost(reason);
    this.#pause();
  }

  #pause(): void {
    this.#readAt = 0;
    this.#sender.fallBehind();
    this.#publisher.pause();
    this.#streams.pause();
    this.#decide();
  }

  /** What the server holds has a name; another one means that it was emptied, or replaced by an older copy. */
  #holds(generation: string): void {
    const before = this.#generation;
    this.#generation = generation;
    if (before !== undefined && before !== generation) this.#refill();
  }

  #refill(): void {
    this.#sender.goBack(this.#parts.clock() - this.#longest);
    this.#streams.restart();
    this.#readAt = 0;
    remembered(this.#parts, this.#parts.clock())
      .then((changes) => this.#publisher.republish(changes))
      .catch((error: unknown) => this.#failed(error));
  }

  #apply({ change, host }: SharedChange): void {
    try {
      if (this.#parts.blocks.apply(change)) this.#parts.applied(change, host);
    } catch (error) {
      this.#parts.fault(error);
    }
  }

  /** The server decides while it counts as events come, and for a moment after the start, until it is reached. */
  #decide(): void {
    const { isUp, isBarred } = this.#reach;
    const isLive = isUp && this.#sender.mode === 'live';
    const patience = isUp ? MAX_START : PATIENCE;
    const isOver = this.#startedAt > 0 && this.#parts.clock() >= this.#startedAt + patience;
    if (isLive || isOver) this.#isStarting = false;
    this.#parts.blocks.shared = { isOn: true, decides: !isBarred && (this.#isStarting || isLive) };
  }
}
