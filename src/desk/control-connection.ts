// One connection of the control socket: one request in, one reply out, each whole within its time.

import type { Socket } from 'node:net';
import { type ControlReply, MAX_REQUEST } from './protocol.ts';

/** ms that a client may take. */
export interface ControlTimes {
  /** to send a whole request, from the moment it is connected */
  readonly request: number;
  /** to fetch a whole reply, and to close its side after it */
  readonly reply: number;
}

export interface ControlConnectionEvents {
  /** The request has come, without its newline; empty if it is too long. */
  asked(line: string): void;
  /** No complete request has come in time. */
  late(): void;
  closed(): void;
}

export class ControlConnection {
  readonly #socket: Socket;
  readonly #times: ControlTimes;
  /** who is to act next: the client asks, the daemon works, the client fetches the reply */
  #stage: 'asks' | 'works' | 'fetches' = 'asks';
  #deadline: NodeJS.Timeout | undefined;

  constructor(socket: Socket, times: ControlTimes, events: ControlConnectionEvents) {
    this.#socket = socket.setEncoding('utf8');
    this.#times = times;
    this.#deadline = setTimeout(() => events.late(), times.request);
    socket.on('error', () => socket.destroy());
    // A client may close its side after the request; only a request that never ends is given up.
    socket.on('end', () => this.#stage === 'asks' && socket.end());
    socket.on('close', () => {
      clearTimeout(this.#deadline);
      events.closed();
    });
    this.#receive((line) => events.asked(line));
  }

  /** Whether the daemon waits for the client, and not the client for the daemon. */
  get isAwaited(): boolean {
    return this.#stage !== 'works';
  }

  get hasAsked(): boolean {
    return this.#stage !== 'asks';
  }

  /** Bytes of a reply that the client has not fetched. */
  get unread(): number {
    return this.#socket.writableLength;
  }

  /** Sends the reply, and closes when the client has fetched it or its time is over. */
  reply(reply: ControlReply): void {
    if (this.#socket.destroyed) return;
    this.#enter('fetches');
    this.#deadline = setTimeout(() => this.#socket.destroy(), this.#times.reply);
    // What it still sends is read and dropped: closing with unread bytes would cut off the reply.
    this.#socket.removeAllListeners('data').resume();
    this.#socket.end(`${JSON.stringify(reply)}\n`);
  }

  /** The socket of a client that asked to follow: no longer bound to a time, and no longer this connection's. */
  release(): Socket {
    this.#enter('works');
    return this.#socket;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(asked: (line: string) => void): void {
    let text = '';
    const receive = (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= MAX_REQUEST) return;
      this.#socket.off('data', receive).resume();
      this.#enter('works');
      asked(end < 0 ? '' : text.slice(0, end));
    };
    this.#socket.on('data', receive);
  }

  #enter(stage: 'works' | 'fetches'): void {
    this.#stage = stage;
    clearTimeout(this.#deadline);
  }
}
