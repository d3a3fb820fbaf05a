// The table of client records: bounded by evicting the weakest first, and walked for snapshots while it changes.

import { own } from '../../values/detached-string.ts';
import { maxPinnedWeight, weightOf } from './eviction.ts';
import { type ShortKey, textOf } from './key-words.ts';
import { NoteRoom, noteBytesFor } from './note-room.ts';
import { PinnedRecords } from './pinned-records.ts';
import { Ranks } from './ranks.ts';
import { ClientRecord } from './record.ts';
import { RecordShards } from './record-shards.ts';
import { isPinned, onlyStampOf, onlyUserOf, type RecordState, recordOf } from './record-state.ts';
import { NO_SLOT, type SingleEvent, type Slot } from './single-event-clients.ts';
import { type Walk, Walks } from './snapshot-walk.ts';
import { SparedRecords } from './spared-records.ts';
import type { ClientView, TableView } from './table-view.ts';

/** Records and notes evicted at most for what one change adds. */
const [CHANGE_BUDGET, CHANGE_NOTES] = [4, 32];

/**
 * Of most clients one event is known and nothing else: those lie in arrays of numbers, and a record of one is made when it
 * is asked for. All others have a record that stays, in a queue.
 */
export class Table implements TableView {
  readonly #ranks = new Ranks();
  readonly #singles = this.#ranks.singles;
  readonly #records = new RecordShards();
  readonly #pinned = new PinnedRecords();
  readonly notes: NoteRoom;
  #maxTracked: number;
  #evicted = 0;
  readonly #walks = new Walks();
  readonly spared = new SparedRecords((record) => this.#walks.keep(record));

  /** @param maxTracked maximum of records, of which one of many events counts as several; @param noteBytes of all notes */
  constructor(maxTracked: number, noteBytes = noteBytesFor(maxTracked)) {
    this.#maxTracked = maxTracked;
    this.notes = new NoteRoom(noteBytes);
  }

  get size(): number {
    return this.#pinned.queue.size + this.#ranks.size;
  }

  get pinned(): number {
    return this.#pinned.queue.size;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get pinnedWeight(): number {
    return this.#pinned.queue.weight;
  }

  get notesEvicted(): number {
    return this.notes.evicted;
  }

  get noteBytes(): number {
    return this.notes.bytes;
  }

  /** The pinned client seen longest ago, where the pinned clients take more room than they may. */
  get excessPinned(): ClientRecord | undefined {
    return this.pinnedWeight > maxPinnedWeight(this.#maxTracked) ? this.#pinned.queue.first : undefined;
  }

  pinnedRecord(key: string): ClientRecord | undefined {
    return this.#pinned.get(key);
  }

  pinnedRecords(): Iterable<ClientRecord> {
    return this.#pinned.queue;
  }

  search(isPinned: boolean): Iterable<ClientRecord> {
    return isPinned ? this.#pinned.all() : this.#records.all();
  }

  /** The record as it is now; that of a client with a single event is made for the caller. */
  get(key: string): ClientRecord | undefined {
    // Most abuse is by clients that are blocked already.
    const pinned = this.#pinned.get(key);
    if (pinned !== undefined) return pinned;
    const slot = this.#singles.find(key);
    return slot === NO_SLOT ? this.#records.get(key) : this.#singles.recordAt(slot);
  }

  /** The record of this client, or a new one. */
  getOrAdd(key: string): ClientRecord {
    return this.get(key) ?? this.add(key);
  }

  /** A new record, which is in the table after its first `update`. */
  add(key: string): ClientRecord {
    const record = new ClientRecord(own(key));
    record.saved = this.#walks.count;
    return record;
  }

  /**
   * Adds a record as it was in a snapshot. To look for a twin each time would take twice as long.
   * @param key a text of its own: it is kept
   * @returns false where the client was there already, or will be among the `twins`: the table is unusable then
   */
  load(key: ShortKey, state: RecordState): boolean {
    const onlyStamp = onlyStampOf(state);
    const record = onlyStamp === undefined ? recordOf(textOf(key), state, this.notes) : undefined;
    if (record !== undefined) record.saved = this.#walks.count;
    const isAlone = record
      ? this.#put(record)
      : this.#singles.add(key, onlyStamp ?? 0, this.#walks.count, onlyUserOf(state));
    this.shrink(CHANGE_BUDGET, record);
    return isAlone;
  }

  twins(): Iterable<string | undefined> {
    return this.#ranks.twinsIn(this.#pinned.queue);
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

  remove(record: ClientRecord): void {
    this.#beforeChange(record);
    if (record.queue !== undefined) this.#removeRecord(record);
  }

  setMaxTracked(maxTracked: number): void {
    this.#maxTracked = maxTracked;
    this.notes.maxBytes = noteBytesFor(maxTracked);
  }

  /**
   * Evicts the weakest until the rest is within the bounds: after a record was added or grew, or the bounds were lowered.
   * Never a pinned record, and never `except`. Of the notes, those with the most give their oldest.
   * @param budget maximum of clients evicted
   */
  shrink(budget: number, except?: ClientRecord): void {
    const room = this.#maxTracked - Math.min(this.pinnedWeight, maxPinnedWeight(this.#maxTracked));
    for (let left = budget; left > 0 && this.#ranks.weight > room; left--) {
      const weakest = this.#ranks.weakest(room, except);
      if (weakest === undefined) break;
      this.#evicted++;
      this.remove(weakest);
    }
    this.#evictNotes(Math.max(budget, CHANGE_NOTES));
  }

  /** Removes at most `budget` counted clients that are older; the times (ms) are those of `Ranks.older`. */
  removeOlder(before: number, budget: number, formerBefore = before): void {
    for (let left = budget; left > 0; left--) {
      const older = this.#ranks.older(before, formerBefore);
      if (older === undefined) return;
      this.remove(older);
    }
  }

  /** The next `count` pinned records, going round; a caller that asks again sees all of them in turn. */
  nextPinned(count: number): ClientRecord[] {
    return this.#pinned.next(count, (record) => this.#walks.leaving(record));
  }

  walk(
    take: (record: ClientView) => void,
    takeSingle?: (client: SingleEvent) => void,
    afterPinned: () => void = () => undefined,
  ): Walk {
    const queues = [this.#pinned.queue, ...[...this.#ranks.queues].reverse()];
    const takeSlot = (slot: Slot) =>
      takeSingle ? takeSingle(this.#singles.eventAt(slot)) : take(this.#singles.recordAt(slot));
    return this.#walks.start({ queues, singles: this.#singles }, { take, takeSlot, afterFirst: afterPinned });
  }

  #beforeChange(record: ClientRecord): void {
    if (record.queue === undefined) this.#removeSingle(record);
    else {
      this.#walks.keep(record);
      record.queue.weight -= weightOf(record);
    }
  }

  #removeSingle(record: ClientRecord): void {
    const slot = this.#singles.find(record.key);
    if (slot === NO_SLOT) return;
    this.#walks.leavingSlot(slot);
    record.saved = this.#singles.savedAt(slot);
    this.#singles.remove(slot);
  }

  /** @returns false where its client had another record */
  #put(record: ClientRecord): boolean {
    const onlyStamp = onlyStampOf(record);
    if (onlyStamp !== undefined) {
      if (record.queue !== undefined) this.#removeRecord(record);
      return this.#singles.add(record.key, onlyStamp, record.saved, onlyUserOf(record));
    }
    const isAlone = record.queue !== undefined || this.#records.set(record);
    const rank = isPinned(record) ? undefined : this.#ranks.queueFor(record);
    const queue = rank ?? this.#pinned.queue;
    if (record.queue === queue) {
      this.#walks.leaving(record);
      queue.moveToEnd(record);
    } else {
      this.#unlink(record);
      if (rank === undefined) this.#pinned.append(record);
      else rank.append(record);
    }
    queue.weight += weightOf(record);
    this.notes.update(record);
    this.spared.update(record);
    return isAlone;
  }

  #removeRecord(record: ClientRecord): void {
    this.#unlink(record);
    this.#records.delete(record);
    this.notes.leave(record);
    this.spared.leave(record);
    for (const notes of record.notes) notes.clear();
  }

  #evictNotes(budget: number): void {
    for (let left = budget; left > 0; left--) {
      const record = this.notes.debtor;
      if (record === undefined) return;
      this.#walks.keep(record);
      this.notes.evictOldest(record);
      // Perhaps nothing but one event is left of it.
      if (onlyStampOf(record) === undefined) continue;
      this.#beforeChange(record);
      this.#put(record);
    }
  }

  #unlink(record: ClientRecord): void {
    this.#walks.leaving(record);
    if (record.queue === this.#pinned.queue) this.#pinned.remove(record);
    else record.queue?.remove(record);
  }
}
