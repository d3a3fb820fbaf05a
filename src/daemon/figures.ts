// The figures of status that the blocks, the policy service and the audit trail supply.

import { countSpared } from '../desk/spared.ts';
import type { Figures } from '../health/health.ts';
import type { PolicyService } from '../policy/server.ts';
import type { State } from '../state/state.ts';
import { isoTextOf } from '../values/iso-time.ts';
import type { Bounded } from './limits.ts';

export interface FigureParts {
  readonly blocks: Bounded['blocks'];
  readonly service: Pick<PolicyService, 'addresses' | 'connections'>;
  readonly state: Pick<State, 'auditDropped'>;
}

/** @param release of postblock; @param now ms since 1970 */
export function figuresOf({ blocks, service, state }: FigureParts, release: string, now: number): Figures {
  const { size: tracked, pinned, evicted: forgotten } = blocks.table;
  return {
    release,
    pid: process.pid,
    policy: { listening: service.addresses, connections: service.connections },
    tracked,
    blocks: pinned,
    forgotten,
    spared: countSpared(blocks, now),
    breakerSince: isoTextOf(blocks.breaker.opening?.at) ?? null,
    audit: { lost: state.auditDropped },
  };
}
