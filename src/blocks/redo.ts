// The lines of the audit trail that a snapshot does not include, done again at a start.

import { isAwaited } from './awaited.ts';
import type { AllowChanged, AuditedChange, BlockBegun, BlockEnded, GraceGiven } from './changes.ts';
import { EMPTY, timeOf } from './events/window.ts';
import { countsOf } from './evidence.ts';
import { dropBlock, floorAfter, ignoreBefore } from './floor.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Block, ClientRecord, Watch } from './table/record.ts';

/**
 * Lines are done in their order, whoever or whatever brought about what they tell, and are told to nobody: they stand in
 * the trail. A line concerns only what it is about. Of each client the greatest `floor` holds, a block stands only if
 * it began after that, and of two blocks the one that ends later; so a line may also be done that the snapshot includes.
 *
 * The log is read afterwards from where the snapshot was taken. Nothing from before the floor counts, so that no block
 * comes again that has ended. What led to a block that runs is counted again, for its details alone.
 */
export class Redo {
  readonly #life: Lifecycle;
  /** clients with a block of which the trail alone has told, and the log perhaps will */
  readonly #awaited = new Set<string>();

  constructor(life: Lifecycle) {
    this.#life = life;
  }

  /** What is over or has lost its ground by now ends as ever, once the terms are adopted. */
  redo(change: AuditedChange): void {
    const { type } = change;
    if (type === 'block' || type === 'end' || type === 'grace') this.#changeClient(change);
    else this.#changeAllowEntry(change);
  }

  /** A block that was loaded from a snapshot in which its details are missing. */
  await(key: string): void {
    this.#awaited.add(key);
  }

  /** The log has been read to its end: what it has not told by now, it never will. */
  complete(): void {
    for (const key of this.#awaited) {
      const record = this.#life.table.pinnedRecord(key);
      const block = record?.block;
      if (record === undefined || block === undefined || !isAwaited(block)) continue;
      this.#life.table.update(record, () => {
        const led = record.events.filter((stamp) => timeOf(stamp) <= block.since);
        record.block = { ...block, counts: countsOf(led) };
        record.events = EMPTY;
        record.evidence = undefined;
      });
    }
    this.#awaited.clear();
  }

  #changeAllowEntry({ type, ip: entry, at, until, hand }: AllowChanged): void {
    const { allowEntries } = this.#life;
    if (type === 'disallow') allowEntries.end(entry, hand === undefined ? at : at + 1);
    else if (hand !== undefined) allowEntries.add({ entry, at, until, hand });
  }

  #changeClient(change: BlockBegun | BlockEnded | GraceGiven): void {
    const { table } = this.#life;
    table.update(table.getOrAdd(change.ip), (record) => {
      if (change.type === 'grace') record.grace = change.until;
      else if (change.type === 'end') end(record, change);
      else this.#begin(record, change);
    });
  }

  #begin(record: ClientRecord, change: BlockBegun): void {
    // It has ended since.
    if (change.at < record.floor) return;
    const block = blockOf(change);
    if (change.enforced) {
      if (record.block !== undefined && record.block.until >= block.until) return;
      record.block = block;
    } else {
      const watch = watchOf(record, block.rule);
      if (watch !== undefined && watch.since >= block.since) return;
      replaceWatch(record, { ...block, ended: false });
    }
    this.#awaited.add(record.key);
    this.#life.endings.add(record, block.until);
  }
}

function end(record: ClientRecord, change: BlockEnded): void {
  const { rule, since, reason, enforced } = change;
  const floor = floorAfter(change);
  if (enforced || reason === 'lifted') ignoreBefore(record, floor);
  if (record.block !== undefined && record.block.since < record.floor) dropBlock(record, floor);
  if (enforced) return;
  const watch = watchOf(record, rule);
  if (watch !== undefined && watch.since > since) return;
  const known = watch?.since === since ? watch : blockOf({ rule, at: since, until: floor, count: 0 });
  replaceWatch(record, { ...known, until: floor, ended: true });
}

function watchOf({ watches }: ClientRecord, name: string): Watch | undefined {
  return watches?.find(({ rule }) => rule === name);
}

function replaceWatch(record: ClientRecord, watch: Watch): void {
  record.watches = [...(record.watches?.filter(({ rule }) => rule !== watch.rule) ?? []), watch];
}

function blockOf(told: Pick<BlockBegun, 'rule' | 'at' | 'until' | 'count' | 'classes' | 'hand'>): Block {
  const { rule, at: since, until, count, classes, hand } = told;
  const refused = { refused: 0, firstRefused: 0, lastRefused: 0 };
  return { rule, since, until, count, ...refused, ...(classes && { classes }), ...(hand && { hand }) };
}
