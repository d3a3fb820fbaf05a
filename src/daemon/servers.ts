// The two servers of the daemon: the policy service, and the control socket with the desk behind it. None is open yet.

import { setImmediate } from 'node:timers/promises';
import { ControlServer } from '../desk/control.ts';
import { Desk } from '../desk/desk.ts';
import { searchTrail } from '../desk/find/trail-search.ts';
import { Turns } from '../desk/find/turns.ts';
import type { ControlRequest } from '../desk/protocol.ts';
import { USUAL_LIMITS } from '../policy/connections.ts';
import { PolicyService } from '../policy/server.ts';
import type { Core } from './core.ts';
import { socketsAllowed } from './listeners/fd-limit.ts';
import { sharedDesk } from './sharing/shared-desk.ts';

/** @param answer to a request on the control socket */
export function serversOf(core: Core, answer: (request: ControlRequest) => Promise<unknown>) {
  const { log, traffic } = core;
  const room = { connections: Math.min(USUAL_LIMITS.connections, socketsAllowed()) };
  const service = new PolicyService(
    {
      answer: (request) => traffic.answer(request),
      refused: (listener, reason) => log.report({ event: 'policy-client-refused', listener, reason }),
      failed: (listener, reason) => log.report({ event: 'listener-failed', listener, reason }),
    },
    room,
  );
  const control = new ControlServer(answer, {
    failed: (reason) => log.report({ event: 'control-failed', reason }),
  });
  return { room, service, control, desk: deskOf(core) };
}

function deskOf({ blocks, state, health, optional, clock }: Core): Desk {
  return new Desk(blocks, {
    flush: () => state.flush(),
    history: (keys, most) => state.history(keys, most),
    searchTrail: (search) => searchTrail(state.trail, search),
    turns: new Turns(clock, setImmediate),
    trouble: () => health.troubles,
    shared: () => optional.sharing && sharedDesk(optional.sharing, state),
  });
}
