// The answer to `status`: what the health knows, with the figures that the other parts supply.

import type { Blocks } from '../../blocks/blocks.ts';
import { countSpared } from '../../desk/spared.ts';
import type { Health, LogProgress } from '../../health/health.ts';
import type { SharingStatus, StatusAnswer } from '../../health/status.ts';
import type { PolicyService } from '../../policy/server.ts';
import type { Sharing } from '../../sharing/sharing.ts';
import type { State } from '../../state/state.ts';
import { isoTextOf } from '../../values/iso-time.ts';

export interface ReportedParts {
  /** of postblock */
  readonly version: string;
  readonly blocks: Blocks;
  readonly service: Pick<PolicyService, 'addresses' | 'connections'>;
  readonly state: Pick<State, 'auditDropped'>;
  readonly optional: { readonly sharing: Pick<Sharing, 'status'> | undefined };
  readonly mergedLog: LogProgress;
  readonly health: Pick<Health, 'status'>;
}

/** @param isRestored the state has been read; @param now ms since 1970 */
export function statusOf(parts: ReportedParts, isRestored: boolean, now: number): StatusAnswer {
  const { version, blocks, service, state, optional, mergedLog, health } = parts;
  const { size: tracked, pinned, evicted: forgotten } = blocks.table;
  const figures = {
    release: version,
    pid: process.pid,
    starting: !isRestored,
    policy: { listening: service.addresses, connections: service.connections },
    tracked,
    blocks: pinned,
    forgotten,
    spared: countSpared(blocks, now),
    breakerSince: isoTextOf(blocks.breaker.opening?.at) ?? null,
    audit: { lost: state.auditDropped },
    sharing: optional.sharing === undefined ? null : sharingStatus(optional.sharing.status),
  };
  return health.status(mergedLog, figures, now);
}

/** What `status` says of what hosts share. */
function sharingStatus(status: Sharing['status']): SharingStatus {
  const { host, digest, isUp, mode, behindSince, backlog = null } = status;
  return { host, rules: digest, up: isUp, sends: mode, countedTo: isoTextOf(behindSince) ?? null, backlog };
}
