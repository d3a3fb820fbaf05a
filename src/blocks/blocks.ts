// The lake: the one door by which events enter and blocks begin and end. Knows no clock, file, socket or logger.

import { clientKey } from '../values/address.ts';
import { AllowEntries, type AllowEntry } from './allow-entries.ts';
import { isAwaited } from './awaited.ts';
import { ByHand } from './by-hand.ts';
import type { AuditedChange, Change } from './changes.ts';
import { codeOfEvent } from './events/codes.ts';
import type { AbuseEvent, LogEvent, Refusal } from './events/event.ts';
import { addEvent } from './events/window.ts';
import { addEvidence, addRefusal, isNear } from './evidence.ts';
import { Lifecycle } from './lifecycle.ts';
import { Prefixes } from './prefixes.ts';
import { Redo } from './redo.ts';
import type { Rule } from './rules.ts';
import type { Block, ClientRecord, ManualAction } from './table/record.ts';
import { isPinned, type RecordState, withNotes } from './table/record-state.ts';
import { Table } from './table/table.ts';
import type { Terms } from './terms.ts';
import { Upkeep } from './upkeep.ts';

/** Why a client is refused: its block, and the rule as it stands in the policy now. */
export interface Refused {
  readonly rule: Rule;
  readonly block: Block;
}

export class Blocks {
  readonly #onChange: (change: Change) => void;
  readonly allowEntries = new AllowEntries();
  readonly #life: Lifecycle;
  readonly #upkeep: Upkeep;
  readonly #byHand: ByHand;
  readonly #redo: Redo;
  #prefixes: Prefixes;

  constructor(terms: Terms, onChange: (change: Change) => void) {
    this.#onChange = onChange;
    this.#prefixes = new Prefixes(terms);
    this.allowEntries.adopt(terms.nat64);
    this.#life = new Lifecycle(new Table(terms.maxTracked), terms, this.allowEntries, onChange);
    this.#upkeep = new Upkeep(this.#life, onChange);
    this.#redo = new Redo(this.#life);
    this.#byHand = new ByHand(this.#life, this.#upkeep, (address) => this.recordOf(address), onChange);
  }

  /**
   * Counts abuse, or adds a refusal of ours to the block that it came from.
   * @param now ms; what is known from later than that is not believed. Without it the events alone tell the time
   */
  take(event: LogEvent, now = Number.POSITIVE_INFINITY): void {
    const key = clientKey(event.address, this.terms.ipv6Prefix, this.terms.nat64);
    if (key === undefined) return;
    if (event.kind === 'refusal') this.#refuse(event);
    else this.#count(key, event, now);
  }

  /**
   * The block that refuses this client at `now` (ms), where one does and the allow list does not cover it.
   *
   * @param nameOf the client's verified name, asked for only where a block stands
   */
  refusing(address: string, nameOf: () => string | undefined, now: number): Refused | undefined {
    const block = this.#blockOf(address, now);
    if (block === undefined) return undefined;
    const rule = this.terms.rules.named(block.rule);
    if (rule === undefined || !rule.enforce || this.#isAllowed(address, nameOf())) return undefined;
    return { rule, block };
  }

  /**
   * Ends the blocks whose time is over, or whose ground the policy took away. Call every second, and again where there
   * is more to do than one call does.
   *
   * @param now ms; the clock, by which verdicts are given and what was done by hand ends
   * @param logTime ms; how far the log has come, if that is not as far: an end is told when nothing that belongs to the
   *   block is still to be read
   * @returns whether there is more
   */
  expire(now: number, logTime = now): boolean {
    return this.#upkeep.expire(now, logTime);
  }

  /** ms since 1970: no block ends by time before; undefined where none will. */
  get nextEnd(): number | undefined {
    return this.#life.endings.first;
  }

  get terms(): Terms {
    return this.#life.terms;
  }

  /** What is known of a client: its record that holds a block, or else the one under which it is counted. */
  recordOf(address: string): ClientRecord | undefined {
    const key = clientKey(address, this.terms.ipv6Prefix, this.terms.nat64);
    return this.#find(address, isPinned) ?? (key === undefined ? undefined : this.table.get(key));
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

  /** Does again what a line of the audit trail tells that the snapshot does not include, and tells it to nobody. */
  redo(change: AuditedChange): void {
    this.#redo.redo(change);
    if (change.type === 'block' || change.type === 'end') this.#prefixes.addOf(change.ip);
  }

  /** The log has been read to its end since the start. */
  caughtUp(): void {
    this.#redo.complete();
  }

  /** Takes back an entry made by hand. @returns false where there is none */
  disallow(entry: string, now: number, hand: ManualAction): boolean {
    return this.#byHand.disallow(entry, now, hand);
  }

  /** Forgets counts that no event from `settled` (ms) on can need: no older line of the log is still to be read. */
  forget(settled: number): void {
    this.#upkeep.forget(settled);
  }

  /**
   * From now on these terms hold. Blocks go on unless the new policy takes their ground away; of very many, some are
   * told so only by the next calls of `expire`, which ends by time those that are over.
   */
  adopt(terms: Terms, now: number): void {
    this.#life.terms = terms;
    this.allowEntries.adopt(terms.nat64);
    this.#life.lookAgain(now);
    this.#prefixes.adopt(terms);
    this.table.setMaxTracked(terms.maxTracked);
    this.#upkeep.settle(now);
  }

  /** Puts a record in the place of what is known of its client. */
  restore(key: string, state: RecordState): void {
    const known = this.table.get(key);
    // What stands in its place takes its notes with it.
    const loose = withNotes(state, (notes) => [...notes]);
    if (known !== undefined) this.table.remove(known);
    this.load(key, loose);
  }

  /**
   * Puts a record back as a snapshot held it.
   * @returns false where the client is there already: the blocks are of no use then
   */
  load(key: string, state: RecordState): boolean {
    if (!this.table.load(key, state)) return false;
    const { block, watches = [], floor } = state;
    if (block !== undefined || floor > 0) this.#prefixes.addOf(key);
    if (block === undefined && watches.length === 0) return true;
    const record = this.table.get(key);
    if (record === undefined) return true;
    for (const { until } of [block ?? [], watches].flat()) this.#life.endings.add(record, until);
    if (block !== undefined && isAwaited(block)) this.#redo.await(key);
    return true;
  }

  /** Forgets everything. */
  clear(): void {
    this.#life.table = new Table(this.terms.maxTracked);
    this.#life.endings.clear();
    this.#prefixes = new Prefixes(this.terms);
    this.allowEntries.clear();
  }

  get table(): Table {
    return this.#life.table;
  }

  /** The block of this client that runs at `now`. */
  #blockOf(address: string, now: number): Block | undefined {
    return this.#prefixes.under(address, (key) => {
      const block = this.table.pinnedRecord(key)?.block;
      return block !== undefined && now < block.until ? block : undefined;
    });
  }

  /** The record of this client that is looked for. */
  #find(address: string, isWanted: (record: ClientRecord) => boolean): ClientRecord | undefined {
    return this.#prefixes.under(address, (key) => {
      const record = this.table.get(key);
      return record !== undefined && isWanted(record) ? record : undefined;
    });
  }

  #refuse(event: Refusal): void {
    const record = this.#find(event.address, ({ block }) => block !== undefined && event.at >= block.since);
    const block = record?.block;
    if (record === undefined || block === undefined) return;
    if (event.at >= block.until) {
      this.#life.settle(record, event.at);
      return;
    }
    const mail = this.table.update(record, () => addRefusal(block, event, this.table.notes));
    // The record went to the end of the queue: a pass over all pinned records might not reach it again.
    if (this.#upkeep.hasUnsettled) this.#life.settle(record, event.at);
    const { rule } = block;
    this.#onChange({ type: 'refused', ip: record.key, rule, at: event.at, mail });
  }

  #isAllowed(address: string, name: string | undefined): boolean {
    return this.terms.allow.covers(address, name) || this.allowEntries.list.coversAddress(address);
  }

  #count(key: string, event: AbuseEvent, now: number): void {
    const code = codeOfEvent(event);
    const rules = this.terms.rules.counting(code);
    if (rules.length === 0) return;
    const known = this.table.get(key);
    if (known !== undefined) this.#life.bringBack(known, now);
    if (this.#isOutOfCount(event, key, known)) return;
    const { address, name, at } = event;
    if (this.terms.allow.covers(address, name) || this.allowEntries.covered(address, at, now)) return;
    const record = known ?? this.table.add(key);
    const { pinnedWeight } = this.table;
    this.table.update(record, () => {
      record.events = addEvent(record.events, event.at, code, this.terms.rules.retention);
      if (isNear(record.events, rules)) addEvidence(record, event, this.table.notes);
      for (const rule of rules) this.#life.judge(record, rule, event.at);
    });
    if (this.table.pinnedWeight > pinnedWeight) this.#life.makeRoom(event.at);
  }

  /** Whether the client is blocked at the time of the event, or has been since, under whatever IPv6 prefix. */
  #isOutOfCount({ address, at }: AbuseEvent, key: string, known: ClientRecord | undefined): boolean {
    if (known !== undefined && this.#isOut(known, at))
      return at < known.floor || known.block === undefined || !isAwaited(known.block);
    if (this.#prefixes.isOne || !key.includes(':')) return false;
    return this.#find(address, (record) => this.#isOut(record, at)) !== undefined;
  }

  #isOut(record: ClientRecord, at: number): boolean {
    this.#life.settle(record, at);
    return at < record.floor || record.block !== undefined;
  }
}
