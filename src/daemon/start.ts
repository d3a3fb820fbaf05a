// The start of the daemon: in which order its parts begin to work.

import { hostNames } from '../config/host-names.ts';
import type { Parts } from './parts.ts';
import { type Continuation, restore } from './state/restore.ts';

/**
 * The counts are read while the front gives verdicts.
 *
 * @param signal ends the start while the state is being read; nothing has changed on disk then
 * @throws ExitError with the exit code, and lines that say why; the reason of `signal`
 */
export async function start(parts: Parts, signal: AbortSignal): Promise<void> {
  const { policy, optional, snapshotTimer, log, manager, replies, health } = parts;
  manager.start();
  replies.witness = { health, optional };
  parts.front.attend(parts.commands);
  void hostNames().then((names) => health.wiring.know(names));
  const { positions, isCurrent, bookmark } = await restored(parts, signal);
  await parts.companions.adopt(policy.config);
  await parts.sharingPolicy.open();
  await parts.follower.start(policy.config, positions);
  optional.sharing?.start(bookmark?.sharing, bookmark ?? snapshotTimer.bookmark);
  // After a crash, the positions must be known. The snapshot that was read has those of continued sources.
  if (!isCurrent || !parts.mergedLog.isContinued) await snapshotTimer.save();
  parts.ticks.start();
  snapshotTimer.schedule(policy.config.snapshotEvery);
  const { rules } = policy.config;
  log.report({ event: 'ready', rules: rules.length, tracked: parts.blocks.table.size });
  manager.ready();
}

/** Reads the state. The listeners are open afterwards, if not before. */
async function restored(parts: Parts, signal: AbortSignal): Promise<Continuation> {
  const { blocks, clock, policy } = parts;
  const continuation = await restore(parts, policy.config, clock(), signal);
  parts.replies.blocks = blocks;
  parts.commands.restored();
  await parts.front.openListeners();
  return continuation;
}
