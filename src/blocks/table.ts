// The table of client records: bounded, forgetting the least telling first, walked for snapshots while it changes.

import { Crowd, NOBODY } from './crowd.ts';
import { own } from './own.ts';
import { Queue } from './queue.ts';
import { ClientRecord, isHeld, onlyStampOf, type RecordState, recordOf } from './record.ts';
import { RecordShards } from './record-shards.ts';
import { STRENGTHS, strengthOf, touchedAt, weightOf } from './standing.ts';
import { Walk } from './walk.ts';
import { timeOf } from './window.ts';

/** Records let go at most for one that has grown: more than one event can make it outgrow. */
const CHANGE_BUDGET = 4;

/**
 * Of most clients one event is known and nothing else: these lie in the crowd, and a record of theirs is made when it
 * is asked for. All others have a record that stays, in a queue.
 */
export class Table {
  readonly #crowd = new Crowd();
  readonly #records = new RecordShards();
  readonly #held = new Queue<ClientRecord>();
  /** the held records by key: a verdict asks for no other, and finds that there is none in a fifth of the time */
  readonly #heldByKey = new Map<string, ClientRecord>();
  /** by how telling they are, the least telling first */
  readonly #counted = Array.from({ length: STRENGTHS }, () => new Queue<ClientRecord>());
  #maxWeight: number;
  #weight = 0;
  #forgotten = 0;
  #walk: Walk | undefined;
  #walks = 0;

  /** @param maxTracked most records kept; a record of many events counts as several */
  constructor(maxTracked: number) {
    this.#maxWeight = maxTracked;
  }

  get size(): number {
    return this.#counted.reduce((sum, queue) => sum + queue.size, this.#held.size + this.#crowd.size);
  }

  get held(): number {
    return this.#held.size;
  }

  /** Clients let go, or not taken up, for want of room since the start. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The record of this client, if it is held. */
  heldRecord(key: string): ClientRecord | undefined {
    return this.#heldByKey.get(key);
  }

  /** The record of this client as it is now: of one in the crowd, made for the asker. */
  get(key: string): ClientRecord | undefined {
    // Most abuse is by clients that are blocked already.
    const held = this.#heldByKey.get(key);
    if (held !== undefined) return held;
    const place = this.#crowd.find(key);
    return place === NOBODY ? this.#records.get(key) : this.#crowd.at(place);
  }

  /**
   * A new record, which is in the table when it has been `changed`; undefined where only blocks are left and there is
   * no room for another client.
   * @param isBlocked it will hold a block, and must be kept whatever the cap says
   */
  add(key: string, isBlocked = false): ClientRecord | undefined {
    if (!this.#hasRoom(isBlocked)) return undefined;
    const record = new ClientRecord(own(key));
    record.saved = this.#walks;
    return record;
  }

  /**
   * A record as it was in a snapshot; nothing where only blocks are left and there is no room for another client.
   * @param key a text of its own: it is kept
   * @returns false where the client was there already, or will be a `twin`: the table is of no use then
   */
  load(key: string, state: RecordState): boolean {
    const onlyStamp = onlyStampOf(state);
    if (!this.#hasRoom(isHeld(state))) return true;
    if (onlyStamp !== undefined) return this.#join(key, onlyStamp, this.#walks);
    const record = recordOf(key, state);
    record.saved = this.#walks;
    return this.#put(record);
  }

  /** A client that was loaded into the crowd and has a record too. To ask at each of them would take twice the time. */
  get twin(): string | undefined {
    for (const queue of [this.#held, ...this.#counted]) {
      for (let record = queue.first; record !== undefined; record = record.next)
        if (this.#crowd.find(record.key) !== NOBODY) return record.key;
    }
    return undefined;
  }

  /** Makes room for one more client, where need be. */
  #hasRoom(isBlocked: boolean): boolean {
    if (this.#weight < this.#maxWeight || isBlocked) return true;
    this.#forgotten++;
    const weakest = this.#weakest;
    if (weakest === undefined) return false;
    this.remove(weakest);
    return true;
  }

  /** Call before changing a record, and `changed` after. */
  changing(record: ClientRecord): void {
    if (record.queue === undefined) this.#leaveCrowd(record);
    else {
      this.#walk?.keep(record);
      this.#weight -= weightOf(record);
    }
  }

  #leaveCrowd(record: ClientRecord): void {
    const place = this.#crowd.find(record.key);
    if (place === NOBODY) return;
    this.#walk?.leavingPlace(place);
    record.saved = this.#crowd.savedAt(place);
    this.#crowd.remove(place);
    this.#weight--;
  }

  /** Puts a record that was changed into its place, last of those to be forgotten. */
  changed(record: ClientRecord): void {
    this.#put(record);
    this.shrink(CHANGE_BUDGET, record);
  }

  /** @returns false where its client had another */
  #put(record: ClientRecord): boolean {
    const onlyStamp = onlyStampOf(record);
    if (onlyStamp !== undefined) {
      if (record.queue !== undefined) this.#drop(record);
      return this.#join(record.key, onlyStamp, record.saved);
    }
    this.#weight += weightOf(record);
    const isAlone = record.queue !== undefined || this.#records.set(record);
    this.#unlink(record);
    this.#link(record);
    return isAlone;
  }

  /** @returns false where the client is in the crowd already */
  #join(key: string, stamp: number, saved: number): boolean {
    this.#weight++;
    return this.#crowd.add(key, stamp, saved);
  }

  remove(record: ClientRecord): void {
    this.changing(record);
    if (record.queue !== undefined) this.#drop(record);
  }

  #drop(record: ClientRecord): void {
    this.#unlink(record);
    this.#records.delete(record);
  }

  setMaxTracked(maxTracked: number): void {
    this.#maxWeight = maxTracked;
  }

  /**
   * Lets the weakest go, at most `budget` of them, until the rest is within the cap: after a record has grown, or the
   * cap was lowered. Never a held record, and never `except`.
   */
  shrink(budget: number, except?: ClientRecord): void {
    for (let left = budget; left > 0 && this.#weight > this.#maxWeight; left--) {
      const weakest = this.#weakest;
      if (weakest === undefined || weakest.key === except?.key) return;
      this.#forgotten++;
      this.remove(weakest);
    }
  }

  /** The client with the fewest events, and of those the one seen longest ago; never a held one. */
  get #weakest(): ClientRecord | undefined {
    const { first } = this.#crowd;
    if (first !== NOBODY) return this.#crowd.at(first);
    return this.#counted.find((queue) => queue.size > 0)?.first;
  }

  /** Forgets counted records whose newest event, or end of block, lies before `before` (ms); at most `budget`. */
  forgetOlder(before: number, budget: number): void {
    let left = budget;
    for (; left > 0 && this.#isFirstOfCrowdOlder(before); left--)
      this.remove(this.#crowd.at(this.#crowd.first));
    for (const queue of this.#counted) {
      for (let record = queue.first; record !== undefined && left > 0; record = queue.first, left--) {
        if (touchedAt(record) >= before) break;
        this.remove(record);
      }
    }
  }

  /** Asked each second, and of most seconds in vain: without making a record. */
  #isFirstOfCrowdOlder(before: number): boolean {
    const { first } = this.#crowd;
    return first !== NOBODY && timeOf(this.#crowd.stampAt(first)) < before;
  }

  /** All held records as they are now. */
  *heldRecords(): Generator<ClientRecord> {
    for (let record = this.#held.first; record !== undefined; record = record.next) yield record;
  }

  /** The next `count` held records, going round; a caller that asks again sees all of them in turn. */
  nextHeld(count: number): ClientRecord[] {
    const records: ClientRecord[] = [];
    const most = Math.min(count, this.#held.size);
    for (
      let record = this.#held.first;
      record !== undefined && records.length < most;
      record = this.#held.first
    ) {
      this.#unlink(record);
      this.#link(record);
      records.push(record);
    }
    return records;
  }

  /**
   * Walks the table as it is at this moment, held records first, while it goes on changing: a record is given out
   * before its first change. One walk at a time; `take` may be called from within any change of the table.
   */
  walk(take: (record: ClientRecord) => void): Walk {
    const queues = [this.#held, ...[...this.#counted].reverse()];
    const walk = new Walk(++this.#walks, { queues, crowd: this.#crowd }, take, () => {
      if (this.#walk === walk) this.#walk = undefined;
    });
    this.#walk = walk;
    return walk;
  }

  #unlink(record: ClientRecord): void {
    this.#walk?.leaving(record);
    if (record.queue === this.#held) this.#heldByKey.delete(record.key);
    record.queue?.remove(record);
  }

  #link(record: ClientRecord): void {
    const queue = this.#queueFor(record);
    if (queue === this.#held) this.#heldByKey.set(record.key, record);
    queue.append(record);
  }

  #queueFor(record: ClientRecord): Queue<ClientRecord> {
    return (isHeld(record) ? undefined : this.#counted[strengthOf(record)]) ?? this.#held;
  }
}
