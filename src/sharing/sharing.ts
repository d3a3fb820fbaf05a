// Many hosts, one memory: what this host sends to the server and takes from it, and who decides on blocks meanwhile.

import type { Blocks } from '../blocks/blocks.ts';
import type { AuditedChange } from '../blocks/changes.ts';
import type { LogEvent } from '../blocks/events/event.ts';
import { needsGood, type Terms } from '../blocks/terms.ts';
import type { EventIdentity, NumberingState } from '../maillog/sources/numbering.ts';
import type { LogSource, Notice } from '../maillog/sources/source.ts';
import type { Bookmark, State } from '../state/state.ts';
import { durationText, MINUTE } from '../values/duration.ts';
import { checkpointOf } from './checkpoints.ts';
import { Gathering } from './gathering.ts';
import { Publisher } from './publisher.ts';
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
/** ms by which the clocks of this host and of the server may differ */
const MAX_SKEW = 30 * SECOND;
/** ms for which a host that starts leaves decisions to a server that it does not reach */
const PATIENCE = 2 * SECOND;
/** ms for which it leaves them to one that it reaches, and to which it sends what happened before */
const MAX_START = MINUTE;
/** ms until sending is tried again after a fault: once, twice … so often */
const MAX_PAUSE = 5 * SECOND;

export type SharingTrouble = 'share-down' | 'share-host-taken' | 'share-clock';

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
  /** @param reason undefined where nothing is wrong */
  trouble(name: SharingTrouble, reason: string | undefined): void;
  /** Answers what another host asks. */
  answer(question: unknown): Promise<unknown>;
  fault(error: unknown): void;
  /** ms since 1970 */
  clock(): number;
}

export class Sharing {
  readonly #parts: SharingParts;
  readonly #store: SharedStore;
  readonly #sender: Sender;
  readonly #publisher: Publisher;
  readonly #streams: Streams;
  readonly gathering: Gathering;
  #rules: SharedRules;
  #longest = 0;
  #generation: string | undefined;
  #startedAt = 0;
  #isStarting = true;
  #isUp = false;
  #wrongWith: ReadonlySet<SharingTrouble> = new Set();
  #reporting = false;
  #readAt = 0;
  /** ms since 1970: before it nothing is sent again, after so many faults in a row */
  #retryAt = 0;
  #faults = 0;

  constructor(parts: SharingParts, terms: Terms) {
    this.#parts = parts;
    this.#rules = sharedRulesOf(terms);
    this.#longest = terms.rules.longest;
    this.#store = parts.open({
      changed: (shard) => this.#streams.wake(shard),
      asked: (question, reply) => this.gathering.asked(question, reply),
      connection: (isUp, reason) => (isUp ? this.tick() : this.#down(reason ?? 'the connection is lost')),
    });
    this.#sender = new Sender({
      blocks: parts.blocks,
      clock: parts.clock,
      numbers: parts.numbers,
      openSources: parts.openSources,
      readsGood: () => needsGood(parts.blocks.terms),
      send: (batch) => this.#store.count(batch, this.#rules),
      generation: (name) => this.#holds(name),
      lost: () => this.#refill(),
      failed: (error) => this.#failed(error),
      changed: () => this.#decide(),
    });
    this.#publisher = new Publisher({
      publish: (shard, change) => this.#store.publish(shard, change),
      flush: () => parts.state.flush(),
      entriesAfter: (sequence) => parts.state.entriesAfter(sequence),
      failed: (error) => this.#failed(error),
    });
    this.#streams = new Streams({
      read: (shard, after) => this.#store.read(shard, after),
      readAll: (shard, take) => this.#store.readAll(shard, take),
      apply: (change) => this.#apply(change),
      failed: (error) => this.#failed(error),
    });
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
    this.tick();
  }

  /** What the server and this host know of each other now. */
  get status() {
    const { mode, behindSince } = this.#sender;
    return {
      host: this.#parts.host,
      digest: this.#rules.digest,
      isUp: this.#isUp,
      mode,
      behindSince,
      decides: this.#decides,
    } as const;
  }

  /** An event that the daemon has read, after its blocks have taken it. */
  take(event: LogEvent, identity: EventIdentity): void {
    this.#sender.take(event, identity);
  }

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
    this.#sender.stop();
    this.#publisher.pause();
    this.#streams.pause();
    if (this.#isUp) await this.#store.leave().catch(() => undefined);
    await this.#store.close().catch(() => undefined);
  }

  /** Resolves when the changes of this host up to a line of the trail are published; undefined where they are not. */
  published(from: number, to: number) {
    return this.#publisher.published(from, to);
  }

  async #report(): Promise<void> {
    const { version, lag, clock } = this.#parts;
    const begun = clock();
    const { digest } = this.#rules;
    const { generation, time, isTaken } = await this.#store.report({ version, digest, lag: lag() });
    const ended = clock();
    this.#isUp = true;
    this.#trouble(
      'share-host-taken',
      isTaken ? `another process uses the host name ${this.#parts.host}` : undefined,
    );
    this.#trouble('share-clock', skewOf(time, begun, ended));
    this.#holds(generation);
    if (this.#isBarred) this.#sender.fallBehind();
    this.#resume(ended);
  }

  /** Whether events of this host must not be counted with those of others. */
  get #isBarred(): boolean {
    return this.#wrongWith.has('share-host-taken') || this.#wrongWith.has('share-clock');
  }

  #resume(now: number): void {
    if (now < this.#retryAt) return;
    this.#trouble('share-down', undefined);
    if (now >= this.#readAt + READ_EVERY || now < this.#readAt) {
      this.#readAt = now;
      this.#streams.resume();
    }
    if (!this.#wrongWith.has('share-host-taken')) this.#publisher.resume();
    if (!this.#isBarred) this.#sender.catchUp().catch((error: unknown) => this.#sendFault(error));
    if (this.#sender.mode === 'live') this.#faults = 0;
    this.#decide();
  }

  #sendFault(error: unknown): void {
    this.#sender.fallBehind();
    this.#parts.fault(error);
  }

  #failed(error: unknown): void {
    const now = this.#parts.clock();
    if (!(error instanceof StoreError)) this.#parts.fault(error);
    if (now >= this.#retryAt) {
      this.#faults++;
      this.#retryAt = now + Math.min(MAX_PAUSE, this.#faults * SECOND);
    }
    this.#down(error instanceof Error ? error.message : String(error));
  }

  #down(reason: string): void {
    this.#isUp = false;
    this.#readAt = 0;
    this.#sender.fallBehind();
    this.#publisher.pause();
    this.#streams.pause();
    this.#trouble('share-down', reason);
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

  get #decides(): boolean {
    const now = this.#parts.clock();
    if (this.#sender.mode === 'live') this.#isStarting = false;
    const patience = this.#isUp ? MAX_START : PATIENCE;
    if (this.#isStarting && now >= this.#startedAt + patience && this.#startedAt > 0)
      this.#isStarting = false;
    return !this.#isBarred && (this.#isStarting || (this.#isUp && this.#sender.mode === 'live'));
  }

  #decide(): void {
    this.#parts.blocks.shared = { isOn: true, decides: this.#decides };
  }

  #trouble(name: SharingTrouble, reason: string | undefined): void {
    const others = [...this.#wrongWith].filter((one) => one !== name);
    this.#wrongWith = new Set(reason === undefined ? others : [...others, name]);
    this.#parts.trouble(name, reason);
  }
}

/** How the clocks differ, in words; undefined where they agree. */
function skewOf(time: number, begun: number, ended: number): string | undefined {
  const skew = Math.round((begun + ended) / 2 - time);
  if (Math.abs(skew) <= MAX_SKEW + (ended - begun) / 2) return undefined;
  const text = durationText(Math.abs(skew));
  return `the clock of this host is ${text} ${skew > 0 ? 'ahead of' : 'behind'} that of the server`;
}
