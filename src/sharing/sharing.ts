// Many hosts, one memory: what this host shares with others on a server, as the daemon sees it.

import type { AuditedChange } from '../blocks/changes.ts';
import type { LogEvent } from '../blocks/events/event.ts';
import type { Terms } from '../blocks/terms.ts';
import type { EventIdentity } from '../maillog/sources/numbering.ts';
import type { Bookmark } from '../state/state.ts';
import { Decision } from './decision.ts';
import { Exchange } from './exchange.ts';
import { type Gathered, Gathering } from './gathering.ts';
import { Lateness } from './lateness.ts';
import { Reach } from './reach.ts';
import type { SavedSharing } from './saved-sharing.ts';
import { type SharedStore, StoreError } from './shared-store.ts';
import type { SharingParts } from './sharing-parts.ts';

/** Which hosts hold a change. */
export interface Confirmed extends Pick<Gathered, 'asked' | 'missing'> {
  /** Whether the server has it. */
  readonly isSent: boolean;
}

/** Figures of what a host shares, for metrics. */
export interface SharingFigures {
  /** Whether the server answers. */
  readonly isUp: boolean;
  /** Events that the host has read and the server has not counted; undefined where that is not known. */
  readonly backlog: number | undefined;
  /** ms that the last call of the server took which was answered; undefined while the server does not answer */
  readonly roundTrip: number | undefined;
}

export class Sharing {
  readonly #parts: SharingParts;
  readonly #store: SharedStore;
  readonly #reach: Reach;
  readonly #exchange: Exchange;
  readonly #decision: Decision;
  readonly #lateness = new Lateness();
  readonly gathering: Gathering;
  #reporting = false;
  #isUrgent = false;
  /** What the snapshot says of the server is known. */
  #isStarted = false;
  #isStopped = false;

  constructor(parts: SharingParts, terms: Terms) {
    this.#parts = parts;
    this.#reach = new Reach(parts.host, parts.trouble);
    this.#decision = new Decision(parts.blocks);
    const store = parts.open({
      changed: (shard) => this.#exchange.streams.wake(shard),
      asked: (question, reply) => this.gathering.asked(question, reply),
      setAside: parts.setAside,
      connection: (isUp, reason) => (isUp ? this.tick() : this.#lost(reason ?? 'the connection is lost')),
    });
    this.#store = store;
    const failed = (error: unknown) => this.#failed(error);
    const changed = () => this.#decide();
    this.#exchange = new Exchange({ ...parts, store, failed, changed, hurry: () => this.#hurry() }, terms);
    this.gathering = new Gathering({
      ask: (question, ms, expected) => store.ask(question, ms, expected),
      hosts: () => store.hosts(),
      answer: parts.answer,
      isApplied: (shard, id) => this.#exchange.streams.applied(shard, id),
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
    this.#decision.start(this.#parts.clock());
    this.#exchange.begin(saved, bookmark);
    this.#isStarted = true;
    this.#decide();
    if (this.#reach.isUp) this.#hurry();
  }

  /** What the server and this host know of each other now. */
  get status() {
    const { sender, digest } = this.#exchange;
    const { mode, behindSince, backlog } = sender;
    return { host: this.#parts.host, digest, isUp: this.#reach.isUp, mode, behindSince, backlog } as const;
  }

  get figures(): SharingFigures {
    const { isUp } = this.#reach;
    return {
      isUp,
      backlog: this.#exchange.sender.backlog,
      roundTrip: isUp ? this.#store.roundTrip : undefined,
    };
  }

  /** An event that the daemon has read, after its blocks have taken it. */
  readonly take = (event: LogEvent, identity: EventIdentity): void => this.#exchange.take(event, identity);

  /** A change that was made on this host, when the audit trail has it. */
  changed(change: AuditedChange): void {
    this.#exchange.changed(change);
  }

  /** Takes the position of a snapshot that begins. @returns what the snapshot must hold */
  bookmark(bookmark: Bookmark): SavedSharing {
    return this.#exchange.bookmark(bookmark);
  }

  /** Takes up new terms. */
  adopt(terms: Terms): void {
    this.#exchange.adopt(terms);
  }

  /** Call every second. */
  tick(): void {
    if (this.#isStopped) return;
    this.#decide();
    const { sender } = this.#exchange;
    this.#parts.trouble('share-behind', this.#lateness.look(this.#reach, sender, this.#parts.clock()));
    if (this.#reporting) return;
    this.#reporting = true;
    this.#report()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#reporting = false;
        if (!this.#isUrgent) return;
        this.#isUrgent = false;
        this.tick();
      });
  }

  /** Reports now, or as soon as the present report is answered. */
  #hurry(): void {
    if (this.#reporting) this.#isUrgent = true;
    else this.tick();
  }

  /** Sends and takes nothing more, and gives the name of this host up. */
  async stop(): Promise<void> {
    this.#pause();
    this.#isStopped = true;
    if (this.#reach.isUp) await this.#store.leave().catch(() => undefined);
    await this.#store.close().catch(() => undefined);
  }

  /** Which other hosts have taken the changes of this host after a line of the trail. */
  async confirmed(after: number): Promise<Confirmed> {
    try {
      const entries = await this.#exchange.published(after);
      if (entries === undefined) return { isSent: false, asked: [], missing: [] };
      return { isSent: true, ...(await this.gathering.confirmed(entries)) };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { isSent: false, asked: [], missing: [] };
    }
  }

  /** The name of this host. */
  get host(): string {
    return this.#parts.host;
  }

  async #report(): Promise<void> {
    const { version, lag, clock } = this.#parts;
    const begun = clock();
    const { digest, sender } = this.#exchange;
    const report = { version, digest, lag: lag(), sends: sender.mode, backlog: sender.backlog };
    const { generation, time, isTaken } = await this.#store.report(report);
    const ended = clock();
    if (this.#isStopped) return;
    this.#reach.answered(isTaken, time, begun, ended);
    // Nothing is given to a server of which the snapshot may say that it has lost something.
    if (!this.#isStarted) return;
    this.#exchange.holds(generation);
    if (this.#reach.isBarred) this.#exchange.sender.fallBehind();
    if (this.#reach.isDue(ended)) this.#resume(ended);
  }

  #resume(now: number): void {
    this.#reach.resumed();
    this.#exchange.resume(this.#reach, now);
    if (this.#exchange.sender.mode === 'live') this.#reach.recovered();
    this.#decide();
  }

  #failed(error: unknown): void {
    // What is under way when it stops may fail, and is no trouble.
    if (this.#isStopped) return;
    if (!(error instanceof StoreError)) this.#parts.fault(error);
    this.#reach.failed(error instanceof Error ? error.message : String(error), this.#parts.clock());
    this.#pause();
  }

  #lost(reason: string): void {
    if (this.#isStopped) return;
    this.#reach.failed(reason, this.#parts.clock());
    this.#pause();
  }

  #pause(): void {
    this.#exchange.pause();
    this.#decide();
  }

  #decide(): void {
    if (this.#isStopped) return;
    this.#decision.look(this.#reach, this.#exchange.sender.mode, this.#parts.clock());
  }
}
