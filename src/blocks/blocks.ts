// The one door by which events enter and blocks start and end. Knows no clock, file, socket or logger.

import type { AllowEntriesView, AllowEntry } from './allow-entries.ts';
import { ByHand } from './by-hand.ts';
import type { AuditedChange, Change } from './changes.ts';
import { Counting, type Tally } from './counting.ts';
import type { AbuseEvent, GoodEvent, LogEvent } from './events/event.ts';
import type { GoodView } from './good/good-clients.ts';
import { Judging, type RuleShare } from './judging.ts';
import { Lifecycle, type Shared } from './lifecycle.ts';
import { Loading } from './loading.ts';
import { Lookup, type Refused } from './lookup.ts';
import { Redo } from './redo.ts';
import { Remote } from './remote.ts';
import type { BreakerView } from './sparing/breaker.ts';
import type { Block, ManualAction } from './table/block.ts';
import type { ClientView, TableView } from './table/table-view.ts';
import type { Terms } from './terms.ts';
import { Upkeep } from './upkeep.ts';

export type { Refused } from './lookup.ts';

export class Blocks {
  readonly #life: Lifecycle;
  readonly #upkeep: Upkeep;
  readonly #byHand: ByHand;
  readonly #redo: Redo;
  readonly #remote: Remote;
  readonly #lookup: Lookup;
  readonly #judging: Judging;
  readonly #counting: Counting;
  /** For a snapshot: adds what it held. */
  readonly loading: Loading;

  constructor(terms: Terms, onChange: (change: Change) => void) {
    this.#life = new Lifecycle(terms, onChange);
    this.#upkeep = new Upkeep(this.#life, onChange);
    this.#redo = new Redo(this.#life);
    this.#remote = new Remote(this.#life);
    this.#lookup = new Lookup(this.#life);
    this.#judging = new Judging(this.#life, onChange);
    this.#counting = new Counting(this.#life, this.#lookup, this.#judging, onChange);
    this.#byHand = new ByHand(this.#life, this.#upkeep, this.#lookup, onChange);
    const parts = { life: this.#life, lookup: this.#lookup, judging: this.#judging, redo: this.#redo };
    this.loading = new Loading(parts);
  }

  /**
   * Counts abuse, or adds an own refusal to the block that caused it.
   * @param now ms; what is known from later than that is not believed. Without it the events alone give the time
   */
  take(event: LogEvent, now = Number.POSITIVE_INFINITY): void {
    this.#counting.take(event, now);
  }

  /**
   * Sets who decides on blocks of enforced rules: this host, or a server on which several hosts count. The events of this
   * host are counted in any case; where the server does not decide any more, `expire` judges the clients that have reached a
   * limit with events that it has not counted.
   */
  set shared(shared: Shared) {
    this.#life.shared = shared;
  }

  /** The server has counted the events of a client up to `at` (ms), and started the blocks that they lead to. */
  decided(key: string, at: number): void {
    this.#judging.decided(key, at);
  }

  /**
   * The key and the code under which an event counts on every host; undefined for one that no host counts: of no rule, or of a
   * client that this host allows.
   * @param now as for `take`
   */
  tallyOf(event: AbuseEvent | GoodEvent, now: number): Tally | undefined {
    return this.#counting.tallyOf(event, now);
  }

  /**
   * The block that refuses this client at `now` (ms), where one does and the allow list does not cover it.
   *
   * @param nameOf gives the client's verified name; called only where the client is blocked
   */
  refusing(address: string, nameOf: () => string | undefined, now: number): Refused | undefined {
    return this.#lookup.refusing(address, nameOf, now);
  }

  /**
   * Ends the blocks that expire, or that the policy no longer justifies. Call every second, and again where there is more
   * to do than one call does.
   *
   * @param now ms; the clock, by which verdicts are given and allow entries made by hand end
   * @param logTime ms; the time up to which the log has been read, if that is earlier: an end is reported when no line that
   *   belongs to the block is still to be read
   * @returns whether there is more to do
   */
  expire(now: number, logTime = now): boolean {
    const isMoreToJudge = this.#judging.judgeDeferred();
    return this.#upkeep.expire(now, logTime) || isMoreToJudge;
  }

  /** ms since 1970: no block expires before; undefined where none will. */
  get nextEnd(): number | undefined {
    return this.#life.expiries.first;
  }

  get terms(): Terms {
    return this.#life.terms;
  }

  /** When a client in good standing last brought accepted mail or a login (ms); undefined for any other client. */
  lastGood(key: string, now: number): number | undefined {
    const { good } = this.#life;
    return good.isInStanding(key, now) ? good.newest(key) : undefined;
  }

  /** What is known of a client: its record that has a block, or else the one under which it is counted. */
  recordOf(address: string): ClientView | undefined {
    return this.#lookup.recordOf(address);
  }

  /** Clients that reached a limit and were not blocked, until the `within` of the rule has passed. */
  spared(): Iterable<ClientView> {
    return this.#life.table.spared.all();
  }

  /** How far a client is from a block by each rule at `now` (ms): events, and the figures of which the share is asked. */
  sharesOf(client: ClientView, now: number): readonly RuleShare[] {
    return this.#judging.sharesOf(client, now);
  }

  /** The records of all clients, for readers. */
  get table(): TableView {
    return this.#life.table;
  }

  /** What clients did well, for readers. */
  get good(): GoodView {
    return this.#life.good;
  }

  /** The allow entries made by hand, for readers. */
  get allowEntries(): AllowEntriesView {
    return this.#life.allowEntries;
  }

  /**
   * Ends the block of a client by hand: its counts are zero, and nothing up to `now` counts, whenever it is read.
   *
   * @param grace ms since 1970 until when the client is counted but not blocked; undefined for none
   * @returns the blocks that ended
   */
  lift(address: string, now: number, hand: ManualAction, grace: number | undefined): readonly Block[] {
    return this.#byHand.lift(address, now, hand, grace);
  }

  /** Blocks a client by hand. @returns false where it is blocked already */
  impose(address: string, rule: string, now: number, until: number, hand: ManualAction): boolean {
    return this.#byHand.impose(address, rule, now, until, hand);
  }

  /** Allows a network until its end. @returns false where there are too many such entries */
  allow(entry: AllowEntry): boolean {
    return this.#byHand.allow(entry);
  }

  /**
   * Closes the breaker by hand. What happened before `now` is judged as while it was open, whenever it is read.
   * @returns false where it is not open
   */
  resume(now: number, hand: ManualAction): boolean {
    return this.#life.breaker.close(now, 'resumed', hand);
  }

  /** The breaker, for readers. */
  get breaker(): BreakerView {
    return this.#life.breaker;
  }

  /** Replays a line of the audit trail that the snapshot does not include; it is not reported. */
  redo(change: AuditedChange): void {
    this.#redo.redo(change);
    this.#lookup.addPrefixOfChanged(change);
  }

  /**
   * Applies a change that another host made; it is not reported. The order in which changes come, and how often each comes,
   * does not matter: of blocks the one that ends last holds, unless it started before an end; of graces and allow entries
   * the later one. Watched blocks are each host's own. A block gets the evidence that this host has. A client in good
   * standing is spared while the breaker is open; that of this host counts the blocks of all.
   *
   * @returns whether it changed anything
   */
  apply(change: AuditedChange): boolean {
    const isChanged = this.#remote.apply(change);
    if (isChanged) this.#lookup.addPrefixOfChanged(change);
    return isChanged;
  }

  /** Call when the log has been read to its end since the start. */
  caughtUp(): void {
    this.#redo.complete();
  }

  /** Ends an allow entry made by hand. @returns false where there is none */
  disallow(entry: string, now: number, hand: ManualAction): boolean {
    return this.#byHand.disallow(entry, now, hand);
  }

  /** Removes counts that no event from `settled` (ms) on can need: no older line of the log is still to be read. */
  forget(settled: number): void {
    this.#upkeep.forget(settled);
  }

  /**
   * Replaces the terms. Blocks continue unless the new policy no longer justifies them; of very many, some end only with
   * the next calls of `expire`.
   */
  adopt(terms: Terms, now: number): void {
    this.#life.adopt(terms, now);
    this.#lookup.adopt(terms);
    this.#upkeep.settle(now);
  }
}
