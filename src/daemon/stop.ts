// The stop of the daemon, and the end of a start that fails.

import { setTimeout as delay } from 'node:timers/promises';
import type { Parts } from './parts.ts';

/** ms that a running reload may take once the daemon is asked to stop */
const FINISH = 2000;

/**
 * Writes everything, answers unfinished requests, and ends. The listeners close last: the shorter no process accepts
 * connections, the fewer clients wait. systemd keeps the connections for the next process, where it can.
 */
export async function stop(parts: Parts): Promise<void> {
  const { manager, snapshotTimer, service, log } = parts;
  manager.stopping();
  parts.ticks.stop();
  snapshotTimer.unschedule();
  parts.auditTimer.unschedule();
  await Promise.race([parts.tasks.ended, delay(FINISH)]);
  snapshotTimer.abort();
  parts.control.close();
  await Promise.all([parts.mergedLog.stop(), parts.optional.sharing?.stop()]);
  await parts.companions.stop();
  await snapshotTimer.saveLast();
  await service.close(manager.keep);
  log.report({ event: 'stop' });
  await manager.end();
  await log.close();
}

/** Ends a daemon whose start failed, or was given up. @param isAsked somebody asked it to stop */
export async function abandon(parts: Parts, isAsked: boolean): Promise<void> {
  const { control, manager, service, companions, log } = parts;
  // A socket file that stays behind looks like a daemon that does not answer.
  control.close();
  if (isAsked) manager.stopping();
  await companions.stop();
  await service.close(manager.keep);
  await manager.end();
  if (isAsked) log.report({ event: 'stop' });
  await log.close();
}
