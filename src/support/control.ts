// The control socket: support's way into the running daemon, and the lock of its state directory.

import { existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Change } from '../blocks/changes.ts';
import { listenUnix } from '../policy/listen.ts';
import {
  CONTROL_VERSION,
  type ControlReply,
  type ControlRequest,
  DeskError,
  MAX_REQUEST,
  parseRequest,
} from './protocol.ts';

const MODE = 0o660;
/** Connections at a time; more are closed at once. */
const MOST_CONNECTIONS = 32;
/** ms that a client may take for its request */
const PATIENCE = 10_000;
/** Bytes that a `tail` may leave unread before it is dropped. */
const MOST_UNREAD = 1 << 20;

export interface ControlEvents {
  failed(reason: string): void;
}

export class ControlServer {
  readonly #answer: (request: ControlRequest) => Promise<unknown>;
  readonly #events: ControlEvents;
  readonly #connections = new Set<Socket>();
  readonly #tails = new Set<Socket>();
  /** connections whose request has come */
  readonly #served = new WeakSet<Socket>();
  #server: Server | undefined;
  #place: { readonly path: string; readonly group: string | undefined } | undefined;

  constructor(answer: (request: ControlRequest) => Promise<unknown>, events: ControlEvents) {
    this.#answer = answer;
    this.#events = events;
  }

  /** @throws the system's error; EADDRINUSE where another daemon has this state directory */
  async open(path: string, group: string | undefined): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    await listenUnix(server, { type: 'unix', path, mode: MODE, group });
    server.on('error', (error) => this.#events.failed(error.message));
    this.#server = server;
    this.#place = { path, group };
  }

  /** Opens the socket again where somebody removed its file. @throws the system's error */
  async reopen(): Promise<void> {
    if (this.#place === undefined || existsSync(this.#place.path)) return;
    // Before the new one is there: closing removes the file of that name.
    this.#server?.close();
    await this.open(this.#place.path, this.#place.group);
  }

  /** Tells those who follow with `tail`. */
  tell(change: Change): void {
    for (const socket of this.#tails) {
      if (socket.writableLength > MOST_UNREAD) socket.destroy();
      else socket.write(`${JSON.stringify(change)}\n`);
    }
  }

  close(): void {
    this.#place = undefined;
    this.#server?.close();
    for (const socket of this.#connections) socket.destroy();
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= MOST_CONNECTIONS) return void socket.destroy();
    this.#connections.add(socket);
    socket.setEncoding('utf8');
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    // A client may close its side after the request; only a request that never ends is given up.
    socket.on('end', () => this.#ended(socket));
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#tails.delete(socket);
    });
    let text = '';
    const receive = (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= MAX_REQUEST) return;
      socket.off('data', receive).resume();
      void this.#serve(socket, end < 0 ? '' : text.slice(0, end));
    };
    socket.on('data', receive);
  }

  #ended(socket: Socket): void {
    if (!this.#served.has(socket) || this.#tails.has(socket)) socket.end();
  }

  async #serve(socket: Socket, line: string): Promise<void> {
    this.#served.add(socket);
    const reply = await this.#reply(line);
    if (reply === 'tail') {
      socket.setTimeout(0);
      this.#tails.add(socket);
      socket.write(`${JSON.stringify({ version: CONTROL_VERSION, ok: true, answer: null })}\n`);
    } else socket.end(`${JSON.stringify(reply)}\n`);
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
