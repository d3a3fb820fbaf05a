// Replay, at start, of the lines of the audit trail that the snapshot does not include.

import type { AllowEntries } from './allow-entries.ts';
import type {
  AllowChanged,
  AuditedChange,
  BlockBegun,
  BlockEnded,
  ClientSpared,
  GraceGiven,
} from './changes.ts';
import { eventsUntil } from './events/window.ts';
import { countsOf } from './evidence.ts';
import type { Lifecycle } from './lifecycle.ts';
import { endBlock, floorAfter, ignoreBefore, startBlock } from './record/floor.ts';
import { formerAfter, withFormer } from './record/former-blocks.ts';
import { isAwaited, newBlock, type Watch } from './table/block.ts';
import type { ClientRecord } from './table/record.ts';
import { sparedBy, withoutSpared, withSpared } from './table/spared.ts';

/**
 * Lines are replayed in order, and are not reported: they are in the trail. Of each client the greatest `floor` holds, a
 * block stands only if it started after that, and of two blocks the one that ends later stands; so a line that the snapshot
 * includes does no harm.
 *
 * The log is read afterwards from the position of the snapshot. Nothing from before the floor counts, so that no block
 * that has ended starts again. Events that led to a running block are counted again, for its details alone.
 */
export class Redo {
  readonly #life: Lifecycle;
  /** clients with a block that is known from the trail alone, and perhaps from the log later */
  readonly #awaited = new Set<string>();

  constructor(life: Lifecycle) {
    this.#life = life;
  }

  /** Blocks that have expired or lost their ground end as usual, once the terms are adopted. */
  redo(change: AuditedChange): void {
    const { type } = change;
    if (type === 'breaker') this.#life.breaker.redoTurn(change);
    else if (type === 'block' || type === 'end' || type === 'grace' || type === 'spared')
      this.#changeClient(change);
    else redoAllowEntry(this.#life.allowEntries, change);
  }

  /** A block that was loaded from a snapshot in which its details are missing. */
  await(key: string): void {
    this.#awaited.add(key);
  }

  /** The log has been read to its end: details that it has not given by now, it never gives. */
  complete(): void {
    for (const key of this.#awaited) {
      const record = this.#life.table.pinnedRecord(key);
      const block = record?.block;
      if (record === undefined || block === undefined || !isAwaited(block)) continue;
      this.#life.table.update(record, () => {
        const counts = countsOf(eventsUntil(record.events, block.since));
        startBlock(record, { ...block, counts });
      });
    }
    this.#awaited.clear();
  }

  #changeClient(change: BlockBegun | BlockEnded | GraceGiven | ClientSpared): void {
    const { breaker, good, table } = this.#life;
    if (change.type === 'block' && change.inStanding) breaker.redoBlock(change.ip, change.at);
    if (change.type === 'spared' && change.reason === 'breaker') breaker.redoSpared(change.at);
    table.update(table.getOrAdd(change.ip), (record) => {
      if (change.type === 'grace') {
        record.grace = change.until;
        record.graceAt = change.at;
      } else if (change.type === 'end') {
        const { floor } = record;
        end(record, change);
        // Not where the snapshot includes it: what was counted since is known then.
        if (change.enforced && record.floor > floor) good.restart(record.key);
      } else if (change.type === 'spared') spare(record, change);
      else this.#start(record, change);
    });
  }

  #start(record: ClientRecord, change: BlockBegun): void {
    // It has ended since.
    if (change.at < record.floor) return;
    const { at: since, rule, until, count, classes, hand } = change;
    const block = newBlock({ rule, since, until, count, classes, hand });
    if (change.enforced) {
      if (record.block !== undefined && record.block.until >= block.until) return;
      record.block = block;
      record.spared = undefined;
    } else {
      const watch = watchOf(record, block.rule);
      if (watch !== undefined && watch.since >= block.since) return;
      replaceWatch(record, { ...block, ended: false });
      record.spared = withoutSpared(record.spared, rule);
    }
    const kept = this.#life.terms.rules.named(rule);
    if (hand === undefined && kept?.enforce === change.enforced)
      record.former = withFormer(record.former, kept, since);
    this.#awaited.add(record.key);
    this.#life.expiries.add(record, block.until);
  }
}

/** Replays that an allow entry was made, or ended. */
export function redoAllowEntry(
  allowEntries: AllowEntries,
  { type, ip: entry, at, until, hand }: AllowChanged,
): void {
  if (type === 'allow' && hand !== undefined) allowEntries.add({ entry, at, until, hand });
  else if (hand !== undefined) allowEntries.disallow(entry, at, hand);
  else allowEntries.expired(at);
}

function end(record: ClientRecord, change: BlockEnded): void {
  const { rule, since, reason, enforced } = change;
  const floor = floorAfter(change);
  record.former = formerAfter(record.former, { rule, since, enforced }, reason);
  if (enforced || reason === 'lifted') ignoreBefore(record, floor);
  if (record.block !== undefined && record.block.since < record.floor) endBlock(record, floor);
  if (enforced) return;
  const watch = watchOf(record, rule);
  if (watch !== undefined && watch.since > since) return;
  const known = watch?.since === since ? watch : newBlock({ rule, since, until: floor, count: 0 });
  replaceWatch(record, { ...known, until: floor, ended: true });
}

/** So that it is not reported again when the log is read again; a later line of the trail takes its place. */
export function spare(record: ClientRecord, { rule, at, reason, bad, good }: ClientSpared): void {
  const known = sparedBy(record.spared, rule);
  const start = Math.max(record.floor, watchOf(record, rule)?.until ?? 0);
  if (at < start || record.block !== undefined || at <= (known?.reportedAt ?? 0)) return;
  const since = known?.since ?? at;
  record.spared = withSpared(record.spared, { rule, reason, since, reportedAt: at, last: at, bad, good });
}

function watchOf({ watches }: ClientRecord, name: string): Watch | undefined {
  return watches?.find(({ rule }) => rule === name);
}

function replaceWatch(record: ClientRecord, watch: Watch): void {
  record.watches = [...(record.watches?.filter(({ rule }) => rule !== watch.rule) ?? []), watch];
}
