// Policy services inside the test's own process, ended after each test.

import type { Socket } from 'node:net';
import type { ListenSpec } from '../../src/net/listen.ts';
import type { PolicyRequest } from '../../src/policy/request.ts';
import { PolicyService } from '../../src/policy/server.ts';
import { copyOf } from './requests.ts';

/** A service, and what it reported. */
export interface Reports {
  readonly service: PolicyService;
  readonly requests: PolicyRequest[];
  readonly refused: { where: string; reason: string }[];
  readonly failed: { where: string; reason: string }[];
}

const open: PolicyService[] = [];
const sockets: Socket[] = [];

/** @param answer default: the address that was asked about */
export function serviceWith(
  answer = (request: PolicyRequest) => `action=${request.clientAddress}\n\n`,
): Reports {
  const requests: PolicyRequest[] = [];
  const refused: Reports['refused'] = [];
  const failed: Reports['failed'] = [];
  const service = new PolicyService({
    answer: (request) => {
      requests.push(copyOf(request));
      return answer(request);
    },
    refused: (where, reason) => refused.push({ where, reason }),
    failed: (where, reason) => failed.push({ where, reason }),
  });
  open.push(service);
  return { service, requests, refused, failed };
}

/** Opens the listeners and uses them. */
export async function listen(service: PolicyService, ...specs: readonly ListenSpec[]): Promise<void> {
  (await service.prepare(specs)).commit();
}

export function unix(path: string, mode = 0o600, group?: string): ListenSpec & { type: 'unix' } {
  return { type: 'unix', path, mode, group };
}

/** A free TCP port; it is in the service's `addresses`. */
export const ANY_PORT: ListenSpec = { type: 'inet', host: '127.0.0.1', port: 0 };

/** The port of `inet:127.0.0.1:PORT`. */
export function portOf(service: PolicyService): number {
  const address = service.addresses.find((text) => text.startsWith('inet:'));
  return Number(address?.split(':').at(-1));
}

/** A socket that is closed at the end of the test; its errors go to its listeners. */
export function ended<T extends Socket>(socket: T): T {
  sockets.push(socket);
  socket.on('error', () => undefined);
  return socket;
}

/** For afterEach. */
export async function endServices(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((service) => service.close()));
}
