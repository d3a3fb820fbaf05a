// The desk of the daemon, with what it asks of the other parts.

import { setImmediate } from 'node:timers/promises';
import { Desk } from '../desk/desk.ts';
import { searchTrail } from '../desk/find/trail-search.ts';
import { Turns } from '../desk/find/turns.ts';
import type { Core } from './core.ts';
import { sharedDesk } from './sharing/shared-desk.ts';

export function deskOf({ blocks, state, health, optional, clock }: Core): Desk {
  return new Desk(blocks, {
    flush: () => state.flush(),
    history: (keys, most) => state.history(keys, most),
    searchTrail: (search) => searchTrail(state.trail, search),
    turns: new Turns(clock, setImmediate),
    trouble: () => health.troubles,
    shared: () => optional.sharing && sharedDesk(optional.sharing, state),
  });
}
