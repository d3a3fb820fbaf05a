// The sockets that systemd passes: listening ones of a socket unit, and connections that it has kept over a restart.

import { Socket } from 'node:net';
import { PassedSocket } from '../../net/passed-socket.ts';
import type { PolicyService } from '../../policy/server.ts';
import type { DaemonLog } from '../log/log.ts';
import type { PassedDescriptor } from './environment.ts';
import { CONNECTION } from './service-manager.ts';

type Log = Pick<DaemonLog, 'report'>;

/** Gives the service the listening sockets, which it uses where `listen:` has their address. */
export async function passListeners(
  service: Pick<PolicyService, 'pass'>,
  descriptors: readonly PassedDescriptor[],
  log: Log,
): Promise<void> {
  const sockets: PassedSocket[] = [];
  for (const { fd, name } of descriptors.filter((passed) => passed.name !== CONNECTION)) {
    try {
      sockets.push(await PassedSocket.open(fd));
    } catch (error) {
      const listener = name === '' ? `descriptor ${fd}` : name;
      log.report({ event: 'listener-failed', listener, reason: (error as Error).message });
    }
  }
  service.pass(sockets);
}

/** Gives the service the connections. Call it when replies are true. */
export function passConnections(
  service: Pick<PolicyService, 'adopt'>,
  descriptors: readonly PassedDescriptor[],
  log: Log,
): void {
  const sockets: Socket[] = [];
  for (const { fd } of descriptors.filter(({ name }) => name === CONNECTION)) {
    try {
      sockets.push(new Socket({ fd, readable: true, writable: true }).setNoDelay(true));
    } catch (error) {
      log.report({ event: 'listener-failed', listener: CONNECTION, reason: (error as Error).message });
    }
  }
  service.adopt(sockets);
}

/** Reports where the socket unit and `listen:` differ. */
export function logPassed(service: Pick<PolicyService, 'passed' | 'unused' | 'opened'>, log: Log): void {
  if (service.passed.length === 0) return;
  for (const { where } of service.unused)
    log.report({
      event: 'socket-not-listed',
      listener: where,
      reason: 'it is not under listen: its connections are closed at once',
    });
  for (const where of service.opened)
    log.report({
      event: 'socket-not-passed',
      listener: where,
      reason: 'it is not in the socket unit: it refuses connections while the daemon restarts',
    });
}
