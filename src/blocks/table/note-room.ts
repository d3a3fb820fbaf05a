// The room for the notes of all clients together, and who gives where there are too many.

import { type Note, NoteCells } from './note-cells.ts';
import { Notes } from './notes.ts';
import { Queue } from './queue.ts';
import { type ClientRecord, NoteShare } from './record.ts';

/** Bytes for each client that may be tracked: about one event and one mail for each of a tenth of them. */
const BYTES_A_CLIENT = 64;
/** Bytes, however few may be tracked: thousands of events and mails. */
const LEAST = 1 << 22;
/** Clients are told apart by the power of two of their bytes; 64 KiB are more than one can have. */
const SIZES = 17;

/** What has notes: a block, a watched block, or for its evidence a record. */
interface Holder {
  mails?: Notes | undefined;
  evidence?: Notes | undefined;
}

const LISTS = ['mails', 'evidence'] as const;

export function noteBytesFor(maxTracked: number): number {
  return Math.max(LEAST, maxTracked * BYTES_A_CLIENT);
}

/** Whoever has the most gives first, so that a client with one lost mail keeps it while bots knock. */
export class NoteRoom {
  readonly #cells = new NoteCells();
  readonly #sizes = Array.from({ length: SIZES }, () => new Queue<NoteShare>());
  /** bytes */
  most: number;
  #gone = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Bytes of all notes. */
  get bytes(): number {
    return this.#cells.bytes;
  }

  /** Notes let go since the start. */
  get gone(): number {
    return this.#gone;
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

  /** Takes up how many notes a client has now. */
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

  /** Counts the notes of a client no more. */
  leave(record: ClientRecord): void {
    const share = record.noteShare;
    if (share === undefined) return;
    share.queue?.remove(share);
    record.noteShare = undefined;
  }

  /** Lets the oldest note of a client go, of its longest list. */
  evictOldest(record: ClientRecord): void {
    takeOldest(record);
    this.#gone++;
    this.update(record);
  }

  /** Where there is more than there is room for, the client that is to give first. */
  get debtor(): ClientRecord | undefined {
    if (this.#cells.bytes <= this.most) return undefined;
    return this.#sizes.findLast((queue) => queue.size > 0)?.first?.record;
  }
}

/** Takes the oldest note from the longest list of a client; of equal lists the mails of a block give first. */
function takeOldest(record: ClientRecord): void {
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
