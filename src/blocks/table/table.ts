// The table of client records: bounded, forgetting the least telling first, walked for snapshots while it changes.

import { own } from '../../values/detached-string.ts';
import { maxPinnedWeight, weightOf } from './eviction.ts';
import { NoteRoom, noteBytesFor } from './note-room.ts';
import { PinnedIndex } from './pinned-index.ts';
import { Queue } from './queue.ts';
import { Ranks } from './ranks.ts';
import { ClientRecord } from './record.ts';
import { RecordShards } from './record-shards.ts';
import { isPinned, onlyStampOf, type RecordState, recordOf } from './record-state.ts';
import { NOBODY } from './single-event-clients.ts';
import { Walk } from './snapshot-walk.ts';

/** Records and notes let go at most for what one change adds. */
const CHANGE_BUDGET = 4;
const CHANGE_NOTES = 32;

/**
 * Of most clients one event is known and nothing else: these lie in the crowd, and a record of theirs is made when it
 * is asked for. All others have a record that stays, in a queue.
 */
export class Table {
  readonly #ranks = new Ranks();
  readonly #crowd = this.#ranks.crowd;
  readonly #records = new RecordShards();
  readonly #pinned = new Queue<ClientRecord>();
  readonly #pinnedByKey = new PinnedIndex();
  /** what is kept of clients for support */
  readonly notes: NoteRoom;
  #maxTracked: number;
  #evicted = 0;
  #walk: Walk | undefined;
  #walks = 0;

  /**
   * @param maxTracked most records kept; a record of many events counts as several
   * @param noteBytes most bytes of all notes
   */
  constructor(maxTracked: number, noteBytes = noteBytesFor(maxTracked)) {
    this.#maxTracked = maxTracked;
    this.notes = new NoteRoom(noteBytes);
  }

  get size(): number {
    return this.#pinned.size + this.#ranks.size;
  }

  get pinned(): number {
    return this.#pinned.size;
  }

  /** Clients let go for want of room since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  /** What the blocked and watched clients weigh together. */
  get pinnedWeight(): number {
    return this.#pinned.weight;
  }

  /** Of the blocked and watched clients the one seen longest ago, where they take more room than they may. */
  get excessPinned(): ClientRecord | undefined {
    return this.#pinned.weight > maxPinnedWeight(this.#maxTracked) ? this.#pinned.first : undefined;
  }

  /** The record of this client, if it is held. */
  pinnedRecord(key: string): ClientRecord | undefined {
    return this.#pinnedByKey.get(key);
  }

  /** The record of this client as it is now: of one in the crowd, made for the asker. */
  get(key: string): ClientRecord | undefined {
    // Most abuse is by clients that are blocked already.
    const pinned = this.#pinnedByKey.get(key);
    if (pinned !== undefined) return pinned;
    const place = this.#crowd.find(key);
    return place === NOBODY ? this.#records.get(key) : this.#crowd.at(place);
  }

  /** The record of this client, or a new one. */
  getOrAdd(key: string): ClientRecord {
    return this.get(key) ?? this.add(key);
  }

  /** A new record, which is in the table after its first `update`. */
  add(key: string): ClientRecord {
    const record = new ClientRecord(own(key));
    record.saved = this.#walks;
    return record;
  }

  /**
   * A record as it was in a snapshot.
   * @param key a text of its own: it is kept
   * @returns false where the client was there already, or will be a `twin`: the table is of no use then
   */
  load(key: string, state: RecordState): boolean {
    const onlyStamp = onlyStampOf(state);
    const record = onlyStamp === undefined ? recordOf(key, state, this.notes) : undefined;
    if (record !== undefined) record.saved = this.#walks;
    const isAlone = record ? this.#put(record) : this.#crowd.add(key, onlyStamp ?? 0, this.#walks);
    this.shrink(CHANGE_BUDGET, record);
    return isAlone;
  }

  /** A client that was loaded into the crowd and has a record too. To ask at each of them would take twice the time. */
  get twin(): string | undefined {
    for (const queue of [this.#pinned, ...this.#ranks.queues]) {
      for (let record = queue.first; record !== undefined; record = record.next)
        if (this.#crowd.find(record.key) !== NOBODY) return record.key;
    }
    return undefined;
  }

  /**
   * Changes a record, and ranks it last among those of its new strength. A snapshot being written takes it as it was.
   * Do not nest updates of one record.
   *
   * @param change the only place where a record may change
   */
  update<T>(record: ClientRecord, change: (record: ClientRecord) => T): T {
    this.#beforeChange(record);
    try {
      return change(record);
    } finally {
      this.#put(record);
      this.shrink(CHANGE_BUDGET, record);
    }
  }

  #beforeChange(record: ClientRecord): void {
    if (record.queue === undefined) this.#leaveCrowd(record);
    else {
      this.#walk?.keep(record);
      record.queue.weight -= weightOf(record);
    }
  }

  #leaveCrowd(record: ClientRecord): void {
    const place = this.#crowd.find(record.key);
    if (place === NOBODY) return;
    this.#walk?.leavingPlace(place);
    record.saved = this.#crowd.savedAt(place);
    this.#crowd.remove(place);
  }

  /** @returns false where its client had another */
  #put(record: ClientRecord): boolean {
    const onlyStamp = onlyStampOf(record);
    if (onlyStamp !== undefined) {
      if (record.queue !== undefined) this.#drop(record);
      return this.#crowd.add(record.key, onlyStamp, record.saved);
    }
    const isAlone = record.queue !== undefined || this.#records.set(record);
    const queue = (isPinned(record) ? undefined : this.#ranks.queueFor(record)) ?? this.#pinned;
    if (record.queue === queue) this.#moveToEnd(record);
    else {
      this.#unlink(record);
      if (queue === this.#pinned) this.#pinnedByKey.add(record);
      queue.append(record);
    }
    queue.weight += weightOf(record);
    this.notes.update(record);
    return isAlone;
  }

  remove(record: ClientRecord): void {
    this.#beforeChange(record);
    if (record.queue !== undefined) this.#drop(record);
  }

  #drop(record: ClientRecord): void {
    this.#unlink(record);
    this.#records.delete(record);
    this.notes.leave(record);
    for (const notes of record.notes) notes.clear();
  }

  setMaxTracked(maxTracked: number): void {
    this.#maxTracked = maxTracked;
    this.notes.most = noteBytesFor(maxTracked);
  }

  /**
   * Lets the weakest go until the rest is within the cap: after a record has come or grown, or the cap was lowered.
   * Never a pinned record, and never `except`. Of the notes the oldest go of those who have the most.
   * @param budget most clients let go
   */
  shrink(budget: number, except?: ClientRecord): void {
    const room = this.#maxTracked - Math.min(this.#pinned.weight, maxPinnedWeight(this.#maxTracked));
    for (let left = budget; left > 0 && this.#ranks.weight > room; left--) {
      const weakest = this.#ranks.weakest(room, except);
      if (weakest === undefined) break;
      this.#evicted++;
      this.remove(weakest);
    }
    this.#evictNotes(Math.max(budget, CHANGE_NOTES));
  }

  #evictNotes(budget: number): void {
    for (let left = budget; left > 0; left--) {
      const record = this.notes.debtor;
      if (record === undefined) return;
      this.#walk?.keep(record);
      this.notes.evictOldest(record);
      // Nothing but one event may be left of it now.
      if (onlyStampOf(record) === undefined) continue;
      this.#beforeChange(record);
      this.#put(record);
    }
  }

  /** Forgets counted records whose newest event, or end of block, lies before `before` (ms); at most `budget`. */
  forgetOlder(before: number, budget: number): void {
    for (let left = budget; left > 0; left--) {
      const older = this.#ranks.older(before);
      if (older === undefined) return;
      this.remove(older);
    }
  }

  /** All pinned records as they are now. */
  *pinnedRecords(): Generator<ClientRecord> {
    for (let record = this.#pinned.first; record !== undefined; record = record.next) yield record;
  }

  /** The next `count` pinned records, going round; a caller that asks again sees all of them in turn. */
  nextPinned(count: number): ClientRecord[] {
    const records: ClientRecord[] = [];
    for (let left = Math.min(count, this.#pinned.size); left > 0; left--) {
      const record = this.#pinned.first;
      if (record === undefined) break;
      this.#moveToEnd(record);
      records.push(record);
    }
    return records;
  }

  /**
   * Walks the table as it is at this moment, pinned records first, while it goes on changing: a record is given out
   * before its first change. One walk at a time; `take` may be called from within any change of the table.
   */
  walk(take: (record: ClientRecord) => void): Walk {
    const queues = [this.#pinned, ...[...this.#ranks.queues].reverse()];
    const walk = new Walk(++this.#walks, { queues, crowd: this.#crowd }, take, () => {
      if (this.#walk === walk) this.#walk = undefined;
    });
    this.#walk = walk;
    return walk;
  }

  #unlink(record: ClientRecord): void {
    this.#walk?.leaving(record);
    if (record.queue === this.#pinned) this.#pinnedByKey.remove(record);
    record.queue?.remove(record);
  }

  #moveToEnd(record: ClientRecord): void {
    this.#walk?.leaving(record);
    record.queue?.moveToEnd(record);
  }
}
