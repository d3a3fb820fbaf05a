// The policy service: its listeners, which a reload may exchange, and the connections, which it may not.

import { execFile } from 'node:child_process';
import { chmodSync, chownSync, statSync, unlinkSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PolicyConnection } from './connection.ts';
import type { PolicyRequest } from './request.ts';

/** Where Postfix finds the service: `check_policy_service inet:HOST:PORT` or `unix:PATH`. */
export type ListenSpec =
  | { readonly type: 'inet'; readonly host: string; readonly port: number }
  | {
      readonly type: 'unix';
      readonly path: string;
      /** permission bits of the socket */
      readonly mode: number;
      /** name of the group that owns it; undefined leaves it to the system */
      readonly group?: string | undefined;
    };

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
  /** A client sent what is no request; `where` is the listener. */
  refused(where: string, reason: string): void;
  /** A listener failed while it was open. */
  failed(where: string, reason: string): void;
}

/** Listeners that are open but not in use yet: build, then commit. */
export interface Change {
  /** Uses them from now on and closes those that are no longer wanted. */
  commit(): void;
  /** Closes what was opened; everything is as before. */
  rollback(): void;
}

interface Listener {
  readonly spec: ListenSpec;
  readonly server: Server;
}

/** Clients that the kernel holds until they are accepted. */
const BACKLOG = 1024;
/** ms that a request which has begun may take to arrive once the service is closing */
const FINISH = 1000;

export class PolicyService {
  readonly #events: ServiceEvents;
  readonly #connections = new Set<PolicyConnection>();
  #listeners = new Map<string, Listener>();

  constructor(events: ServiceEvents) {
    this.#events = events;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** The addresses that are open, as Postfix writes them. */
  get addresses(): string[] {
    return [...this.#listeners.values()].map(({ spec, server }) => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      return listenText(spec.type === 'inet' ? { ...spec, port } : spec);
    });
  }

  /** Opens what is not open yet. @throws ListenError; nothing has changed then */
  async prepare(specs: readonly ListenSpec[]): Promise<Change> {
    const wanted = new Map<string, Listener>();
    const opened: { readonly server: Server }[] = [];
    const access: { readonly where: string; set(): void }[] = [];
    const rollback = () => {
      for (const { server } of opened) server.close();
    };
    for (const spec of specs) {
      const known = this.#listeners.get(listenText(spec));
      try {
        const listener = known ?? { server: await this.#open(spec) };
        if (known === undefined) opened.push(listener);
        else if (spec.type === 'unix') access.push({ where: listenText(spec), set: await accessOf(spec) });
        wanted.set(listenText(spec), { ...listener, spec });
      } catch (error) {
        rollback();
        throw new ListenError(spec, error as NodeJS.ErrnoException);
      }
    }
    const commit = () => {
      this.#exchange(wanted);
      for (const { where, set } of access) this.#setAccess(where, set);
    };
    return { commit, rollback };
  }

  /** No new connections; requests in hand are answered, then every connection is closed. */
  async close(): Promise<void> {
    this.#exchange(new Map());
    // Bytes that have arrived but were not read yet get their turn first.
    await setImmediate();
    await setImmediate();
    for (const connection of this.#connections) connection.finish();
    for (let waited = 0; waited < FINISH && this.#connections.size > 0; waited += 20) await delay(20);
    for (const connection of this.#connections) connection.destroy();
  }

  #exchange(wanted: Map<string, Listener>): void {
    for (const [name, { server }] of this.#listeners) if (!wanted.has(name)) server.close();
    this.#listeners = wanted;
  }

  #setAccess(where: string, set: () => void): void {
    try {
      set();
    } catch (error) {
      this.#events.failed(where, (error as Error).message);
    }
  }

  async #open(spec: ListenSpec): Promise<Server> {
    const where = listenText(spec);
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket, where));
    if (spec.type === 'inet') await listening(server, { host: spec.host, port: spec.port, backlog: BACKLOG });
    else await listenUnix(server, spec);
    server.on('error', (error) => this.#events.failed(where, error.message));
    return server;
  }

  #accept(socket: Socket, where: string): void {
    const connection = new PolicyConnection(socket, {
      answer: this.#events.answer,
      refused: (reason) => this.#events.refused(where, reason),
      closed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}

/** `inet:127.0.0.1:10040`, `unix:/path`, as in check_policy_service. */
export function listenText(spec: ListenSpec): string {
  if (spec.type === 'unix') return `unix:${spec.path}`;
  return `inet:${spec.host.includes(':') ? `[${spec.host}]` : spec.host}:${spec.port}`;
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The socket is born closed to others; its mode and group are set before anyone is told of it. */
async function listenUnix(server: Server, spec: ListenSpec & { type: 'unix' }): Promise<void> {
  await removeStale(spec.path);
  const umask = process.umask(0o177);
  const open = listening(server, { path: spec.path, backlog: BACKLOG });
  process.umask(umask);
  await open;
  try {
    (await accessOf(spec))();
  } catch (error) {
    server.close();
    throw error;
  }
}

/** What sets mode and group of a socket; the group is looked up before. @throws where there is no such group */
async function accessOf({ path, mode, group }: ListenSpec & { type: 'unix' }): Promise<() => void> {
  const id = group === undefined ? undefined : await groupId(group);
  return () => {
    if (id !== undefined) chownSync(path, statSync(path).uid, id);
    chmodSync(path, mode);
  };
}

/** A socket file that a killed daemon left behind is removed; one that answers is somebody's. */
async function removeStale(path: string): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const answer = await new Promise<string | undefined>((resolve) => {
    const probe = connect(path, () => resolve(undefined));
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    probe.on('connect', () => probe.destroy());
  });
  // Anything else than a refusal, a full backlog for one, is the sign of a process behind it.
  if (answer === 'ECONNREFUSED') unlinkSync(path);
  else throw Object.assign(new Error(`${path} is in use by another process`), { code: 'EADDRINUSE' });
}

/** getent(1) asks every source of groups that the host has. */
async function groupId(name: string): Promise<number> {
  const line = await promisify(execFile)('getent', ['group', name]).catch(() => undefined);
  const id = Number(line?.stdout.split(':')[2] ?? Number.NaN);
  if (Number.isNaN(id)) throw Object.assign(new Error(`there is no group ${name}`), { code: 'ENOENT' });
  return id;
}
