// The start of the daemon: in which order its parts begin to work.

import { hostNames } from '../config/host-names.ts';
import { openControl, openListeners } from './listeners/opening.ts';
import type { Parts } from './parts.ts';
import { type Continuation, readEarly, restore } from './state/restore.ts';

/**
 * The listeners open when the blocks have been read, so that the first reply is true; the counts follow while verdicts are
 * given. Until then Postfix cannot connect, and takes its default action (smtpd_policy_service_default_action).
 *
 * @param signal ends the start while the state is being read; nothing has changed on disk then
 * @throws ExitError with the exit code, and lines that say why; the reason of `signal`
 */
export async function start(parts: Parts, signal: AbortSignal): Promise<void> {
  const { policy, optional, snapshotTimer, log, manager } = parts;
  reportStart(parts);
  manager.start();
  reportExposure(parts);
  void hostNames().then((names) => parts.health.wiring.know(names));
  await openControl(parts.control, policy.config);
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

function reportStart({ log, version, policy }: Parts): void {
  const { path, config } = policy;
  log.report({ event: 'start', version, policy: path, state: config.state, pid: process.pid });
}

/** Warns of what others could do to the daemon, or through it. */
function reportExposure({ log, policy, state: { exposure } }: Parts): void {
  if (process.getuid?.() === 0)
    log.report({ event: 'running-as-root', advice: 'run it as a user that can read the mail log' });
  if (exposure !== undefined)
    log.report({ event: 'state-exposed', state: policy.config.state, reason: exposure });
}

/** Reads the state, and opens the listeners as soon as the blocks are known. */
async function restored(parts: Parts, signal: AbortSignal): Promise<Continuation> {
  const { traffic, service, systemd, log, clock } = parts;
  const { config } = parts.policy;
  const early = await readEarly(parts, config, clock());
  traffic.early = early;
  const open = () => openListeners(service, config, systemd.descriptors, log);
  if (early !== undefined) await open();
  const continuation = await restore(parts, config, clock(), signal);
  traffic.early = undefined;
  parts.commands.restored();
  if (early === undefined) await open();
  return continuation;
}
