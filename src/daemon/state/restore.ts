// Restores the state of the previous run: blocks, counts, sessions and log positions; logs what is damaged.

import type { Blocks } from '../../blocks/blocks.ts';
import type { Config } from '../../config/config.ts';
import { termsOf } from '../../config/terms.ts';
import type { PartTroubles } from '../../health/part-troubles.ts';
import type { LogReader } from '../../maillog/reader.ts';
import type { MergedLog } from '../../maillog/sources/merge.ts';
import { isPosition, type Position } from '../../maillog/sources/source.ts';
import { hasForeign } from '../../state/audit-lines.ts';
import type { Bookmark, State } from '../../state/state.ts';
import { durationText } from '../../values/duration.ts';
import type { DaemonLog } from '../log/log.ts';
import { logDamage, logRebuilt } from '../log/log-reports.ts';

/** What is restored from the state directory, and where the result is reported. */
export interface RestoredParts {
  readonly state: Pick<State, 'restore' | 'trail' | 'trailSetAside' | 'auditTrouble'>;
  readonly blocks: Blocks;
  readonly reader: Pick<LogReader, 'texts' | 'sessions'>;
  readonly mergedLog: Pick<MergedLog, 'restoreClocks' | 'restoreNumbers'>;
  readonly health: { readonly parts: Pick<PartTroubles, 'restored'> };
  readonly log: DaemonLog;
}

/** Where the daemon continues. */
export interface Continuation {
  /** where reading of the mail log continues; empty without a snapshot */
  readonly positions: readonly Position[];
  /** whether the newest snapshot could be used, so that a crash now would lose nothing */
  readonly isCurrent: boolean;
  /** the snapshot besides the clients; undefined without one */
  readonly bookmark: Bookmark | undefined;
}

/**
 * @param now ms since 1970
 * @param signal gives up
 * @throws ExitError 74 where the audit trail belongs to another user; the reason of `signal`
 */
export async function restore(
  { state, blocks, reader, mergedLog, health, log }: RestoredParts,
  config: Config,
  now: number,
  signal: AbortSignal,
): Promise<Continuation> {
  const restored = await state.restore(blocks, now, signal);
  const { bookmark, written, path, isNewest, redone } = restored;
  logDamage(log, restored, state);
  // The policy may have changed while the daemon was down.
  blocks.adopt(termsOf(config), now);
  const { size: tracked, pinned } = blocks.table;
  if (bookmark === undefined || written === undefined) {
    logRebuilt(log, blocks, redone, now, await hasForeign(state.trail).catch(() => false));
    return { positions: [], isCurrent: false, bookmark: undefined };
  }
  health.parts.restored(written);
  reader.texts.add([...bookmark.texts, ...config.rules.map((rule) => rule.message)]);
  reader.sessions.restore(bookmark.sessions);
  mergedLog.restoreClocks(bookmark.clocks ?? {});
  mergedLog.restoreNumbers(bookmark.numbers ?? {});
  const age = durationText(now - Date.parse(written));
  log.report({ event: 'snapshot-read', tracked, blocks: pinned, age, file: path, redone: redone.length });
  const positions = bookmark.log.filter(isPosition);
  return {
    positions: positions.map((position) =>
      position.type === 'journal' ? { ...position, at: written } : position,
    ),
    isCurrent: isNewest,
    bookmark,
  };
}
