// The desk of the daemon, with what it asks of the other parts.

import { setImmediate } from 'node:timers/promises';
import type { Blocks } from '../../blocks/blocks.ts';
import { Desk } from '../../desk/desk.ts';
import { searchTrail } from '../../desk/find/trail-search.ts';
import { Turns } from '../../desk/find/turns.ts';
import type { Health } from '../../health/health.ts';
import type { Sharing } from '../../sharing/sharing.ts';
import type { State } from '../../state/state.ts';
import { sharedDesk } from '../sharing/shared-desk.ts';

export interface DeskParts {
  readonly blocks: Blocks;
  readonly state: Pick<State, 'flush' | 'history' | 'trail' | 'sequence'>;
  readonly health: Pick<Health, 'troubles'>;
  readonly optional: { readonly sharing: Sharing | undefined };
  /** ms since 1970 */
  clock(): number;
}

export function deskOf({ blocks, state, health, optional, clock }: DeskParts): Desk {
  return new Desk(blocks, {
    flush: () => state.flush(),
    history: (keys, most) => state.history(keys, most),
    searchTrail: (search) => searchTrail(state.trail, search),
    turns: new Turns(clock, setImmediate),
    trouble: () => health.troubles,
    shared: () => optional.sharing && sharedDesk(optional.sharing, state),
  });
}
