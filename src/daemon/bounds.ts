// The bounds of what clients can fill: reports when one is reached, and when it is no longer reached.

import type { Blocks } from '../blocks/blocks.ts';
import { type ControlServer, USUAL_LIMITS } from '../desk/control.ts';
import type { PartTroubles } from '../health/part-troubles.ts';
import type { LogReader } from '../maillog/reader.ts';
import { MAX_SESSIONS } from '../maillog/session-table.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import type { PolicyService } from '../policy/server.ts';
import type { DaemonLog } from './log/log.ts';

/** The parts with bounds; each counts what it evicted. */
export interface Bounded {
  readonly blocks: Blocks;
  readonly service: Pick<PolicyService, 'evicted'>;
  readonly mergedLog: Pick<MergedLog, 'ahead'>;
  readonly reader: Pick<LogReader, 'sessions'>;
  readonly control: Pick<ControlServer, 'evicted'>;
  readonly health: { readonly parts: Pick<PartTroubles, 'blocked'> };
}

/** The bounds that policy.yml and the system set. */
export interface Room {
  readonly tracked: number;
  readonly connections: number;
}

/** Call it about once a second. @param now ms since 1970 */
export function logBounds(log: DaemonLog, bounded: Bounded, room: Room, now: number): void {
  const { service, mergedLog, reader, control, health } = bounded;
  const { table } = bounded.blocks;
  health.parts.blocked(table.pinnedWeight, room.tracked, now);
  log.reportGrowth('max-tracked-reached', table.evicted, { max: room.tracked });
  log.reportGrowth('support-detail-reached', table.notesEvicted, { max: room.tracked });
  log.reportGrowth('policy-connections-reached', service.evicted, { max: room.connections });
  log.reportGrowth('log-ahead', mergedLog.ahead, { advice: 'the clock that stamps the log is ahead' });
  log.reportGrowth('sessions-reached', reader.sessions.evicted, { max: MAX_SESSIONS });
  log.reportGrowth('control-connections-reached', control.evicted, { max: USUAL_LIMITS.commands });
  log.reportGrowth('own-lines-lost', log.lost, {
    advice: 'nobody reads this log, or its disk is full',
  });
}
