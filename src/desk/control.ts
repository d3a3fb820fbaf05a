// The control socket: takes the commands of support.

import type { Socket } from 'node:net';
import type { Change } from '../blocks/changes.ts';
import type { Reopened } from '../net/listen.ts';
import { ControlConnection, type ControlTimes } from './control-connection.ts';
import { ControlListeners } from './control-listeners.ts';
import {
  CONTROL_VERSION,
  type ControlReply,
  type ControlRequest,
  DeskError,
  parseRequest,
} from './protocol.ts';
import { type TailLimits, Tails } from './tails.ts';

/**
 * Bounds for all clients together. Users of the socket are trusted to block and unblock, but their programs may hang:
 * no number of hanging clients may keep a command from its answer.
 */
export interface ControlLimits extends ControlTimes, TailLimits {
  /** connections that ask, or wait for their reply; those of `tail` are counted apart */
  readonly commands: number;
  /** connections that are being refused */
  readonly refused: number;
  /** bytes of replies that have not been read */
  readonly unread: number;
}

/** The connections are fewer than the 128 files that the daemon keeps free for itself (daemon/front/fd-limit.ts). */
export const USUAL_LIMITS: ControlLimits = {
  commands: 32,
  tails: 32,
  refused: 16,
  unread: 1 << 26,
  behind: 1 << 20,
  request: 5000,
  reply: 30_000,
  stalled: 60_000,
};

export interface ControlEvents {
  failed(reason: string): void;
}

export class ControlServer {
  readonly #answer: (request: ControlRequest) => Promise<unknown>;
  readonly #events: ControlEvents;
  readonly #limits: ControlLimits;
  readonly #listeners: ControlListeners;
  /** in the order in which they came */
  readonly #connections = new Set<ControlConnection>();
  readonly #refused = new Set<ControlConnection>();
  readonly #tails: Tails;
  #evicted = 0;

  constructor(
    answer: (request: ControlRequest) => Promise<unknown>,
    events: ControlEvents,
    limits: Partial<ControlLimits> = {},
  ) {
    this.#answer = answer;
    this.#events = events;
    this.#limits = { ...USUAL_LIMITS, ...limits };
    this.#tails = new Tails(this.#limits);
    this.#listeners = new ControlListeners({
      accept: (socket) => this.#accept(socket),
      failed: (reason) => this.#events.failed(reason),
    });
  }

  /** Connections closed since the start because a bound was reached, and tails that did not read. */
  get evicted(): number {
    return this.#evicted + this.#tails.evicted;
  }

  /** Opens a socket; several lead to the same answers. @throws the system's error; EADDRINUSE where it is in use */
  async open(path: string, group: string | undefined): Promise<void> {
    await this.#listeners.open(path, group);
  }

  /** Whether the files of its sockets lead here. */
  get isReachable(): boolean {
    return this.#listeners.isReachable;
  }

  /** Reopens sockets that are not reachable. Connections stay. Never throws. */
  async reopen(): Promise<readonly Reopened[]> {
    return await this.#listeners.reopen();
  }

  /** Sends a change to those who follow with `tail`. */
  report(change: Change): void {
    this.#tails.report(change);
  }

  close(): void {
    this.#listeners.close();
    for (const connection of [...this.#connections, ...this.#refused]) connection.destroy();
    this.#tails.close();
  }

  #accept(socket: Socket): void {
    const connection: ControlConnection = new ControlConnection(socket, this.#limits, {
      asked: (line) => void this.#serve(connection, line),
      late: () => this.#refuse(connection, `no complete request within ${this.#limits.request / 1000} s`),
      closed: () => {
        this.#connections.delete(connection);
        this.#refused.delete(connection);
      },
    });
    if (this.#hasRoom()) this.#connections.add(connection);
    else {
      this.#evicted++;
      this.#refuse(connection, 'the daemon is busy with other commands; try again');
    }
  }

  /** Makes room if there is none: closes the connection that has kept the daemon waiting longest. */
  #hasRoom(): boolean {
    if (this.#connections.size < this.#limits.commands) return true;
    for (const connection of this.#connections) {
      if (!connection.isAwaited) continue;
      this.#evict(connection);
      return true;
    }
    return false;
  }

  #evict(connection: ControlConnection): void {
    this.#evicted++;
    this.#connections.delete(connection);
    if (connection.hasAsked) connection.destroy();
    else this.#refuse(connection, 'the daemon is busy with other commands; try again');
  }

  #refuse(connection: ControlConnection, message: string): void {
    this.#connections.delete(connection);
    const [first] = this.#refused;
    if (first !== undefined && this.#refused.size >= this.#limits.refused) {
      this.#refused.delete(first);
      first.destroy();
    }
    this.#refused.add(connection);
    connection.reply({ version: CONTROL_VERSION, ok: false, code: 'busy', message });
  }

  async #serve(connection: ControlConnection, line: string): Promise<void> {
    this.#makeRoomForReply();
    const reply = await this.#reply(line);
    if (reply === 'tail') this.#follow(connection);
    else connection.reply(reply);
  }

  #follow(connection: ControlConnection): void {
    if (this.#tails.isFull) {
      this.#evicted++;
      this.#refuse(connection, `${this.#limits.tails} others follow already; try again later`);
      return;
    }
    this.#connections.delete(connection);
    const socket = connection.release();
    socket.write(`${JSON.stringify({ version: CONTROL_VERSION, ok: true, answer: null })}\n`);
    this.#tails.add(socket);
  }

  /** A list of all blocks takes megabytes: clients that do not read theirs must not hold gigabytes of memory. */
  #makeRoomForReply(): void {
    let unread = 0;
    for (const connection of this.#connections) unread += connection.unread;
    for (const connection of this.#connections) {
      if (unread <= this.#limits.unread) return;
      if (connection.unread === 0) continue;
      unread -= connection.unread;
      this.#evict(connection);
    }
  }

  async #reply(line: string): Promise<ControlReply | 'tail'> {
    try {
      const request = parseRequest(line);
      if (request.command === 'tail') return 'tail';
      return { version: CONTROL_VERSION, ok: true, answer: await this.#answer(request) };
    } catch (error) {
      const code = error instanceof DeskError ? error.code : 'bad-request';
      if (!(error instanceof DeskError)) this.#events.failed(String(error));
      return { version: CONTROL_VERSION, ok: false, code, message: (error as Error).message };
    }
  }
}
