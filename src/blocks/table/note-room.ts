// The memory for the notes of all clients together, bounded by evicting notes of the clients with the most.

import { type Note, NoteCells } from './note-cells.ts';
import { Notes } from './notes.ts';
import { Queue } from './queue.ts';
import { type ClientRecord, NoteShare } from './record.ts';

/** Bytes for each client that may be tracked: about one event and one mail for each of a tenth of them. */
const BYTES_A_CLIENT = 64;
/** Bytes, however few may be tracked: thousands of events and mails. */
const MIN_BYTES = 1 << 22;
/** Clients are grouped by the power of two of their bytes; none can have more than 64 KiB. */
const SIZES = 17;

/** What has notes: a block, a watched block, or, for its evidence, a record. */
interface Holder {
  mails?: Notes | undefined;
  evidence?: Notes | undefined;
}

const LISTS = ['mails', 'evidence'] as const;

export function noteBytesFor(maxTracked: number): number {
  return Math.max(MIN_BYTES, maxTracked * BYTES_A_CLIENT);
}

/** The client with the most notes gives first, so that a client with one lost mail keeps it during a flood of refusals. */
export class NoteRoom {
  readonly #cells = new NoteCells();
  readonly #sizes = Array.from({ length: SIZES }, () => new Queue<NoteShare>());
  maxBytes: number;
  #evicted = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes of all notes. */
  get bytes(): number {
    return this.#cells.bytes;
  }

  /** Notes evicted since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  /** A list of notes, to be kept with a record. */
  newNotes(): Notes {
    return new Notes(this.#cells);
  }

  copyOf(others: Iterable<Note>): Notes {
    const notes = this.newNotes();
    for (const note of others) notes.add(note);
    return notes;
  }

  /** Ranks a client by the notes that it has now. */
  update(record: ClientRecord): void {
    const bytes = record.noteBytes;
    const share = record.noteShare;
    if (bytes === (share?.bytes ?? 0)) return;
    this.leave(record);
    if (bytes === 0) return;
    const entering = share ?? new NoteShare(record);
    record.noteShare = entering;
    entering.bytes = bytes;
    this.#sizes[sizeOf(bytes)]?.append(entering);
  }

  /** Takes a client out of the ranking. */
  leave(record: ClientRecord): void {
    const share = record.noteShare;
    if (share === undefined) return;
    share.queue?.remove(share);
    record.noteShare = undefined;
  }

  /** Evicts the oldest note of the longest list of a client. */
  evictOldest(record: ClientRecord): void {
    removeOldest(record);
    this.#evicted++;
    this.update(record);
  }

  /** The client that gives next, where the notes take more than `maxBytes`. */
  get debtor(): ClientRecord | undefined {
    if (this.#cells.bytes <= this.maxBytes) return undefined;
    return this.#sizes.findLast((queue) => queue.size > 0)?.first?.record;
  }
}

/** Removes the oldest note of the longest list of a client; of equal lists the mails of a block give first. */
function removeOldest(record: ClientRecord): void {
  const { block, watches = [] } = record;
  let giver: Holder = record;
  let list: keyof Holder = 'evidence';
  for (const holder of [record, ...(block === undefined ? [] : [block]), ...watches] as Holder[]) {
    for (const name of LISTS) {
      if ((holder[name]?.size ?? 0) <= (giver[list]?.size ?? 0)) continue;
      giver = holder;
      list = name;
    }
  }
  const notes = giver[list];
  notes?.removeOldest();
  if (notes?.size === 0) giver[list] = undefined;
}

function sizeOf(bytes: number): number {
  return Math.min(31 - Math.clz32(bytes), SIZES - 1);
}
