// The figures of status that the blocks, the policy service and the audit trail supply.

import { countSpared } from '../desk/spared.ts';
import type { Figures } from '../health/health.ts';
import type { SharingStatus } from '../health/status.ts';
import type { PolicyService } from '../policy/server.ts';
import type { Sharing } from '../sharing/sharing.ts';
import type { State } from '../state/state.ts';
import { isoTextOf } from '../values/iso-time.ts';
import type { Bounded } from './bounds.ts';

export interface FigureParts {
  readonly blocks: Bounded['blocks'];
  readonly service: Pick<PolicyService, 'addresses' | 'connections'>;
  readonly state: Pick<State, 'auditDropped'>;
  /** undefined where policy.yml names no server */
  readonly sharing: Pick<Sharing, 'status'> | undefined;
  readonly isRestored: boolean;
}

/** @param release of postblock; @param now ms since 1970 */
export function figuresOf(
  { blocks, service, state, sharing, isRestored }: FigureParts,
  release: string,
  now: number,
): Figures {
  const { size: tracked, pinned, evicted: forgotten } = blocks.table;
  return {
    release,
    pid: process.pid,
    starting: !isRestored,
    policy: { listening: service.addresses, connections: service.connections },
    tracked,
    blocks: pinned,
    forgotten,
    spared: countSpared(blocks, now),
    breakerSince: isoTextOf(blocks.breaker.opening?.at) ?? null,
    audit: { lost: state.auditDropped },
    sharing: sharing === undefined ? null : sharingStatus(sharing.status),
  };
}

/** What `status` says of what hosts share. */
function sharingStatus(status: Sharing['status']): SharingStatus {
  const { host, digest, isUp, mode, behindSince, backlog = null } = status;
  return { host, rules: digest, up: isUp, sends: mode, countedTo: isoTextOf(behindSince) ?? null, backlog };
}
