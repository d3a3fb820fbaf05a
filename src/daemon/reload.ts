// A reload of policy.yml.

import type { Companions } from './companions/companions.ts';
import type { RunningPolicy } from './running-policy.ts';
import type { SharingPolicy } from './sharing/sharing-policy.ts';
import type { SnapshotTimer } from './state/snapshot-timer.ts';
import type { ServiceManager } from './systemd/service-manager.ts';
import type { Tasks } from './tasks.ts';

export interface ReloadedParts {
  readonly policy: Pick<RunningPolicy, 'config' | 'reload'>;
  readonly sharingPolicy: Pick<SharingPolicy, 'adopt'>;
  readonly companions: Pick<Companions, 'adopt'>;
  readonly snapshotTimer: Pick<SnapshotTimer, 'bookmark'>;
  readonly manager: Pick<ServiceManager, 'reloading' | 'ready'>;
  readonly tasks: Tasks;
}

/** Reads policy.yml again: build, then commit. A policy with mistakes changes nothing. Never throws. */
export async function reload(parts: ReloadedParts): Promise<void> {
  const { policy, sharingPolicy, companions, snapshotTimer, manager, tasks } = parts;
  manager.reloading();
  await tasks.run('reload', async () => {
    if (!(await policy.reload())) return;
    await sharingPolicy.adopt(() => snapshotTimer.bookmark);
    await companions.adopt(policy.config);
  });
  manager.ready();
}
