// The bounds of what strangers can fill: each is told when it is reached, and once more when that is over.

import type { Blocks } from '../blocks/blocks.ts';
import { type ControlServer, USUAL_LIMITS } from '../desk/control.ts';
import type { Health } from '../health/health.ts';
import type { LogReader } from '../maillog/reader.ts';
import { MAX_SESSIONS } from '../maillog/session-table.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import type { PolicyService } from '../policy/server.ts';
import type { DaemonLog } from './log.ts';

/** What has bounds: each counts what it let go for want of room. */
export interface Bounded {
  readonly blocks: Blocks;
  readonly service: Pick<PolicyService, 'evicted'>;
  readonly mergedLog: Pick<MergedLog, 'ahead'>;
  readonly reader: Pick<LogReader, 'sessions'>;
  readonly control: Pick<ControlServer, 'letGo'>;
  readonly health: Pick<Health, 'blocked'>;
}

/** How much room the policy and the system leave. */
export interface Room {
  readonly tracked: number;
  readonly connections: number;
}

/** To be called every second or so. @param now ms since 1970 */
export function logBounds(log: DaemonLog, bounded: Bounded, room: Room, now: number): void {
  const { service, mergedLog, reader, control, health } = bounded;
  const { table } = bounded.blocks;
  health.blocked(table.pinnedWeight, room.tracked, now);
  log.reportGrowth('max-tracked-reached', table.evicted, { max: room.tracked });
  log.reportGrowth('support-detail-reached', table.notesEvicted, { max: room.tracked });
  log.reportGrowth('policy-connections-reached', service.evicted, { max: room.connections });
  log.reportGrowth('log-ahead', mergedLog.ahead, { advice: 'the log is stamped by another clock' });
  log.reportGrowth('sessions-reached', reader.sessions.evicted, { max: MAX_SESSIONS });
  log.reportGrowth('control-connections-reached', control.letGo, { max: USUAL_LIMITS.commands });
  log.reportGrowth('own-lines-lost', log.lost, {
    advice: 'nobody reads the log of the daemon, or its disk is full',
  });
}
