// One connection from Postfix: bytes in, requests out, replies back in the same order.

import type { Socket } from 'node:net';
import { type PolicyRequest, RequestError } from './request.ts';
import { RequestParser } from './request-parser.ts';

/** Bytes of unread replies above which a client's requests wait. */
const MAX_UNREAD = 1 << 16;

/** ms that a client may take to close its side of a connection that we end */
const CLOSE = 5000;

export interface ConnectionEvents {
  /** The reply to a request; must not throw. */
  answer(request: PolicyRequest): string;
  /** The client sent an invalid request; its connection is closed without a reply. */
  refused(reason: string): void;
  closed(): void;
  /** The connection takes so many bytes more than before; negative for less. */
  bytesAdded(more: number): void;
}

export class PolicyConnection {
  readonly socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #parser = new RequestParser();
  #isEnding = false;
  #bytes = 0;
  wasAnswered = false;
  /** no request of it has been answered yet */
  #isNew = true;

  constructor(socket: Socket, events: ConnectionEvents) {
    this.socket = socket;
    this.#events = events;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('drain', () => this.#resume());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => events.closed());
  }

  /** Answers the unfinished request, or the first one of a new connection, which is on its way, and closes. */
  finish(): void {
    this.#isEnding = true;
    if (!this.#parser.isWithin && !this.#isNew) this.socket.end();
  }

  /** Whether all requests that have been read are answered, and the replies are with the system. */
  get isBetween(): boolean {
    const { destroyed, writable, writableLength, readableLength } = this.socket;
    return !destroyed && writable && writableLength === 0 && readableLength === 0 && !this.#parser.isWithin;
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Bytes of an unfinished request and of unread replies. */
  get bytes(): number {
    return this.#bytes;
  }

  #resume(): void {
    this.socket.resume();
    this.#measure(0);
  }

  #measure(unread: number): void {
    const bytes = this.#parser.unfinishedBytes + unread;
    if (bytes === this.#bytes) return;
    const more = bytes - this.#bytes;
    this.#bytes = bytes;
    this.#events.bytesAdded(more);
  }

  #receive(chunk: Buffer): void {
    let replies = '';
    try {
      this.#parser.push(chunk, (request) => {
        replies += this.#events.answer(request);
      });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      // Requests before the invalid one are answered all the same.
      this.socket.end(replies, 'latin1');
      this.socket.removeAllListeners('data').resume();
      this.socket.setTimeout(CLOSE, () => this.socket.destroy());
      this.#events.refused(error.message);
      return;
    }
    if (replies !== '') {
      this.wasAnswered = true;
      this.#isNew = false;
      this.socket.write(replies, 'latin1');
    }
    const unread = this.socket.writableLength;
    const isFull = unread > MAX_UNREAD;
    if (this.#isEnding) this.finish();
    else if (isFull) this.socket.pause();
    this.#measure(isFull ? unread : 0);
  }
}
