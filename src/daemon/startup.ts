// The taking up of what the run before left: blocks, counts, sessions and the places in the mail log, or what is wrong with them.

import type { Blocks } from '../blocks/blocks.ts';
import type { Config } from '../config/config.ts';
import { termsOf } from '../config/terms.ts';
import type { Health } from '../health/health.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import { isPosition, type Position } from '../maillog/sources/source.ts';
import type { State } from '../state/state.ts';
import { durationText } from '../values/duration.ts';
import type { DaemonLog } from './log.ts';
import { logDamage, logRebuilt } from './log-reports.ts';

/** What is filled from the state directory, and who hears of it. */
export interface RestoredParts {
  readonly state: Pick<State, 'restore' | 'trailSetAside' | 'auditTrouble'>;
  readonly blocks: Blocks;
  readonly reader: Pick<LogReader, 'texts' | 'sessions'>;
  readonly mergedLog: Pick<MergedLog, 'restoreClocks'>;
  readonly health: Pick<Health, 'restored'>;
  readonly log: DaemonLog;
}

/** What the daemon goes on from. */
export interface TakenUp {
  /** where reading the mail log goes on; nothing where there is no snapshot */
  readonly positions: readonly Position[];
  /** whether the newest snapshot was of use, so that a crash now would lose nothing */
  readonly isCurrent: boolean;
}

/**
 * @param now ms since 1970
 * @throws ExitError 74 where the audit trail is somebody else's
 */
export async function restore(
  { state, blocks, reader, mergedLog, health, log }: RestoredParts,
  config: Config,
  now: number,
): Promise<TakenUp> {
  const restored = await state.restore(blocks, now);
  const { bookmark, written, path, isNewest, redone } = restored;
  logDamage(log, restored, state);
  // The policy may have changed while the daemon was down.
  blocks.adopt(termsOf(config), now);
  const { size: tracked, pinned } = blocks.table;
  if (bookmark === undefined || written === undefined) {
    logRebuilt(log, blocks, redone, now);
    return { positions: [], isCurrent: false };
  }
  health.restored(written);
  reader.texts.add([...bookmark.texts, ...config.rules.map((rule) => rule.message)]);
  reader.sessions.restore(bookmark.sessions);
  mergedLog.restoreClocks(bookmark.clocks ?? {});
  const age = durationText(now - Date.parse(written));
  log.report({ event: 'snapshot-read', tracked, blocks: pinned, age, file: path, redone: redone.length });
  const positions = bookmark.log.filter(isPosition);
  return {
    positions: positions.map((position) =>
      position.type === 'journal' ? { ...position, at: written } : position,
    ),
    isCurrent: isNewest,
  };
}
