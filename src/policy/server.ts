// The policy service: listeners, which a reload can replace, and connections, which a reload leaves alone.

import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import {
  accessOf,
  type Listening,
  type ListenSpec,
  listen,
  listenText,
  type Reopened,
} from '../net/listen.ts';
import type { PassedSocket } from '../net/passed-socket.ts';
import { PolicyConnection } from './connection.ts';
import { type ConnectionLimits, Connections, USUAL_LIMITS } from './connections.ts';
import type { PolicyRequest } from './request.ts';

/** A listener that could not be opened; `code` is the system's, such as EADDRINUSE. */
export class ListenError extends Error {
  readonly code: string;

  constructor(spec: ListenSpec, cause: NodeJS.ErrnoException) {
    super(`cannot listen on ${listenText(spec)}: ${cause.message}`, { cause });
    this.code = cause.code ?? 'unknown';
  }
}

export interface ServiceEvents {
  /** The reply to a request; must not throw. */
  answer(request: PolicyRequest): string;
  /** A client sent an invalid request; `where` is the listener. */
  refused(where: string, reason: string): void;
  /** A listener failed while it was open. */
  failed(where: string, reason: string): void;
}

/** Listeners that are open but not in use: build, then commit. */
export interface Change {
  /** Uses them from now on, and closes those that are no longer configured. */
  commit(): void;
  /** Closes what was opened. Nothing has changed then. */
  rollback(): void;
}

interface Listener {
  readonly spec: ListenSpec;
  readonly server: Server;
  readonly listening: Listening;
  /** systemd has opened it, and owns its file */
  readonly isPassed: boolean;
}

/** Takes the sockets of connections, with what has arrived and has not been read. It must do so before it returns. */
export type Keep = (sockets: readonly Socket[]) => Promise<void>;

/** ms that the rest of an unfinished request may take to arrive once the service is closing */
const FINISH = 1000;

export class PolicyService {
  readonly #events: ServiceEvents;
  readonly #connections: Connections<PolicyConnection>;
  #listeners = new Map<string, Listener>();
  #passed: readonly PassedSocket[] = [];

  constructor(events: ServiceEvents, limits: Partial<ConnectionLimits> = {}) {
    this.#events = events;
    this.#connections = new Connections({ ...USUAL_LIMITS, ...limits });
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Connections evicted since the start. */
  get evicted(): number {
    return this.#connections.evicted;
  }

  /** The addresses that are open, as Postfix writes them. */
  get addresses(): string[] {
    return [...this.#listeners.values()].map(({ spec, server }) => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      return listenText(spec.type === 'inet' ? { ...spec, port } : spec);
    });
  }

  /** Sockets that are used for their addresses from now on. */
  pass(sockets: readonly PassedSocket[]): void {
    this.#passed = sockets;
  }

  get passed(): readonly PassedSocket[] {
    return this.#passed;
  }

  /** Passed sockets that no listener uses. */
  get unused(): readonly PassedSocket[] {
    return this.#passed.filter(({ isUsed }) => !isUsed);
  }

  /** The listeners that no passed socket serves. */
  get opened(): readonly string[] {
    return [...this.#listeners].filter(([, { isPassed }]) => !isPassed).map(([where]) => where);
  }

  /** Continues connections that a process before this one has accepted. */
  adopt(sockets: readonly Socket[]): void {
    for (const socket of sockets) this.#accept(socket, 'of the process before');
  }

  /** Opens the listeners that are not open. @throws ListenError; nothing has changed then */
  async prepare(specs: readonly ListenSpec[]): Promise<Change> {
    const wanted = new Map<string, Listener>();
    const opened: Listener[] = [];
    const access: { readonly where: string; set(): void }[] = [];
    const rollback = () => {
      for (const { listening } of opened) listening.close();
    };
    for (const spec of specs) {
      const known = this.#reachable(spec);
      try {
        const listener = known ?? (await this.#open(spec));
        if (known === undefined) opened.push(listener);
        else if (spec.type === 'unix' && !known.isPassed)
          access.push({ where: listenText(spec), set: await accessOf(spec) });
        wanted.set(listenText(spec), { ...listener, spec });
      } catch (error) {
        rollback();
        throw new ListenError(spec, error as NodeJS.ErrnoException);
      }
    }
    const commit = () => {
      this.#replace(wanted);
      for (const { where, set } of access) this.#setAccess(where, set);
    };
    return { commit, rollback };
  }

  /** Whether every address leads to its listener: the file of a unix socket may be removed, or moved with its directory. */
  get isReachable(): boolean {
    return [...this.#listeners.values()].every(({ listening }) => listening.isReachable);
  }

  /** Reopens listeners that are not reachable. Never throws. Not to be called while a change is being prepared. */
  async reopen(): Promise<readonly Reopened[]> {
    const reopened: Reopened[] = [];
    for (const [where, { spec, listening }] of [...this.#listeners]) {
      if (listening.isReachable) continue;
      try {
        this.#listeners.set(where, await this.#open(spec));
        listening.close();
        reopened.push({ where });
      } catch (error) {
        reopened.push({ where, failure: (error as Error).message });
      }
    }
    return reopened;
  }

  /**
   * Accepts no new connections, answers unfinished requests, and closes every connection.
   *
   * @param keep takes those that are between two requests: their next request waits there
   */
  async close(keep?: Keep): Promise<void> {
    // New connections are accepted for as long as there is something to wait for.
    if (keep !== undefined) await this.#until(() => this.#between.length === this.#connections.size);
    this.#replace(new Map());
    for (const passed of this.#passed) passed.end();
    // Bytes that have arrived but have not been read come first.
    await setImmediate();
    await setImmediate();
    const kept = keep === undefined ? undefined : this.#handOver(keep);
    for (const connection of this.#connections) connection.finish();
    await this.#until(() => this.#connections.size === 0);
    for (const connection of this.#connections) connection.destroy();
    await kept;
  }

  get #between(): readonly PolicyConnection[] {
    return [...this.#connections].filter(({ isBetween }) => isBetween);
  }

  #handOver(keep: Keep): Promise<void> {
    const between = this.#between;
    const kept = keep(between.map(({ socket }) => socket));
    for (const connection of between) {
      this.#connections.remove(connection);
      connection.destroy();
    }
    return kept;
  }

  /** Waits for it, `FINISH` ms at most. */
  async #until(isSo: () => boolean): Promise<void> {
    for (let waited = 0; waited < FINISH && !isSo(); waited += 20) await delay(20);
  }

  #replace(wanted: Map<string, Listener>): void {
    for (const [where, { server, listening }] of this.#listeners)
      if (wanted.get(where)?.server !== server) listening.close();
    this.#listeners = wanted;
  }

  #setAccess(where: string, set: () => void): void {
    try {
      set();
    } catch (error) {
      this.#events.failed(where, (error as Error).message);
    }
  }

  #reachable(spec: ListenSpec): Listener | undefined {
    const known = this.#listeners.get(listenText(spec));
    return known?.listening.isReachable ? known : undefined;
  }

  async #open(spec: ListenSpec): Promise<Listener> {
    const where = listenText(spec);
    const accept = (socket: Socket) => this.#accept(socket, where);
    const failed = (error: Error) => this.#events.failed(where, error.message);
    const passed = this.#passed.find((socket) => socket.fits(spec));
    if (passed !== undefined)
      return { spec, server: passed.server, listening: passed.use(accept, failed), isPassed: true };
    const server = createServer({ noDelay: true }, accept);
    const opened = { spec, server, listening: await listen(server, spec), isPassed: false };
    server.on('error', failed);
    return opened;
  }

  #accept(socket: Socket, where: string): void {
    const connection = new PolicyConnection(socket, {
      answer: this.#events.answer,
      refused: (reason) => this.#events.refused(where, reason),
      closed: () => this.#connections.remove(connection),
      bytesAdded: (more) => this.#connections.bytesAdded(connection, more),
    });
    this.#connections.add(connection);
  }
}
