// A listening socket that systemd has opened and passes: it stays open while nobody accepts its connections.

import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { createServer, isIPv6, type Server, type Socket, SocketAddress } from 'node:net';
import { resolve } from 'node:path';
import { BACKLOG, type Listening, type ListenSpec, listenText } from './listen.ts';
import { SocketFile } from './socket-file.ts';
import { unixPath } from './unix-names.ts';

/** Where a passed socket listens. */
export type PassedAddress =
  | { readonly type: 'inet'; readonly host: string; readonly port: number }
  | { readonly type: 'unix'; readonly path: string };

export class PassedSocket {
  readonly server: Server;
  readonly #address: PassedAddress;
  readonly #file: SocketFile | undefined;
  #accept: ((socket: Socket) => void) | undefined;

  private constructor(server: Server, address: PassedAddress) {
    this.server = server;
    this.#address = address;
    if (address.type === 'unix') this.#file = new SocketFile(server, address.path);
    server.on('error', () => undefined);
    // A client must not wait for a socket that is not in use.
    server.on('connection', (socket) => (this.#accept ?? destroy)(socket));
  }

  /** @throws the system's error where it is no listening stream socket */
  static async open(fd: number): Promise<PassedSocket> {
    // Any other descriptor may be one of this process itself, which listen(2) would spoil.
    if (!fstatSync(fd).isSocket()) throw new Error('it is not a socket');
    const path = unixPath(fd);
    const server = createServer({ noDelay: true });
    const listening = once(server, 'listening');
    server.listen({ fd }, BACKLOG);
    await listening;
    const address = server.address();
    if (typeof address === 'object' && address !== null)
      return new PassedSocket(server, { type: 'inet', host: address.address, port: address.port });
    return new PassedSocket(server, { type: 'unix', path: path ?? '' });
  }

  /** As `listenText` writes it. */
  get where(): string {
    const address = this.#address;
    return address.type === 'unix' ? `unix:${address.path}` : listenText(address);
  }

  get isUsed(): boolean {
    return this.#accept !== undefined;
  }

  /** Whether it is free, and connections to this address come to it. */
  fits(spec: ListenSpec): boolean {
    return !this.isUsed && this.isReachable && isSame(this.#address, spec);
  }

  get isReachable(): boolean {
    return this.#file?.isReachable ?? true;
  }

  /** Takes the connections from now on, until the result is closed. */
  use(accept: (socket: Socket) => void, failed: (error: Error) => void): Listening {
    this.#accept = accept;
    this.server.on('error', failed);
    const isReachable = () => this.isReachable;
    const close = () => {
      this.#accept = undefined;
      this.server.off('error', failed);
    };
    return {
      get isReachable() {
        return isReachable();
      },
      close,
    };
  }

  /** Accepts no more connections: they wait for the next process that systemd passes the socket to. */
  end(): void {
    this.server.close();
  }
}

function destroy(socket: Socket): void {
  socket.destroy();
}

function isSame(address: PassedAddress, spec: ListenSpec): boolean {
  if (address.type === 'unix') return spec.type === 'unix' && resolve(spec.path) === resolve(address.path);
  return spec.type === 'inet' && spec.port === address.port && isSameHost(spec.host, address.host);
}

/** @param host of policy.yml, where an address of IPv6 may have any form; @param address of a socket */
function isSameHost(host: string, address: string): boolean {
  if (host === 'localhost') return address === '127.0.0.1' || address === '::1';
  return host === address || (isIPv6(host) && isIPv6(address) && shortest(host) === shortest(address));
}

function shortest(address: string): string {
  return new SocketAddress({ address, family: 'ipv6' }).address;
}
