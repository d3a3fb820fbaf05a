// The parts of the daemon, in the order in which they are built. None works until `start`.

import type { Change } from '../blocks/changes.ts';
import type { Config } from '../config/config.ts';
import { Companions } from './companions/companions.ts';
import { Exports, type ExportsParts } from './companions/exports.ts';
import { Metrics, type MetricsParts } from './companions/metrics.ts';
import { Notices, type NoticesParts } from './companions/notices.ts';
import { type Core, coreOf, type Given } from './core.ts';
import { Commands } from './desk/commands.ts';
import { deskOf } from './desk/desk.ts';
import { Reopener } from './front/reopener.ts';
import { LogFollower } from './log-follower.ts';
import { Reactions } from './reactions.ts';
import { reload } from './reload.ts';
import { RunningPolicy } from './running-policy.ts';
import { SharingPolicy } from './sharing/sharing-policy.ts';
import { AuditTimer } from './state/audit-timer.ts';
import { SnapshotTimer } from './state/snapshot-timer.ts';
import { ServiceManager } from './systemd/service-manager.ts';
import { stateText } from './systemd/state-text.ts';
import { Tasks } from './tasks.ts';
import { Ticks } from './ticks.ts';

export type Parts = ReturnType<typeof partsOf>;

/**
 * Each part takes those that are built before it. Those built after it get its changes, news and requests by closures,
 * which are called once it works.
 *
 * @param config loaded from `policyPath`
 */
export function partsOf(policyPath: string, config: Config, given: Given) {
  const { clock } = given;
  const core = coreOf(given, config, {
    changed: (change) => reactions.changed(change),
    reported: (news) => reactions.reported(news),
  });
  const served = { ...core, desk: deskOf(core) };
  const follower = new LogFollower(core, clock);
  const auditTimer = new AuditTimer(core, clock);
  const snapshotTimer = new SnapshotTimer(core, clock);
  const followed = { ...served, follower, auditTimer, snapshotTimer };
  const policy = new RunningPolicy(policyPath, config, followed, clock);
  const reopener = new Reopener(served);
  const running = { ...followed, policy, reopener };
  const companions = companionsOf(running, clock);
  const reactions: Reactions = new Reactions({ ...running, companions }, clock);
  const applied = (change: Change, host: string) => reactions.changed(change, host);
  const sharingPolicy = new SharingPolicy({ ...running, applied }, clock);
  const manager = managerOf(running);
  const tasks = new Tasks((where, error) => core.traffic.fault(where, error));
  const reloaded = { ...running, companions, sharingPolicy, manager, tasks };
  const commands = new Commands({ ...reloaded, reload: () => reload(reloaded) }, clock);
  return { ...reloaded, commands, ticks: new Ticks(reloaded, clock) };
}

function companionsOf(parts: MetricsParts & NoticesParts & ExportsParts, clock: () => number): Companions {
  const companions = [new Metrics(parts, clock), new Notices(parts, clock), new Exports(parts, clock)];
  return new Companions(companions, (where, error) => parts.traffic.fault(where, error));
}

function managerOf({ systemd, blocks, health, log, policy }: Core & Pick<Parts, 'policy'>): ServiceManager {
  return new ServiceManager(systemd, {
    text: () => stateText(policy.config.rules.length, blocks.table, health.troubles),
    failed: (reason) => log.report({ event: 'notify-failed', reason }),
  });
}
