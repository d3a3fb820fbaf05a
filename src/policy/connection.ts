// One connection from Postfix: bytes in, requests out, replies back in the same order.

import type { Socket } from 'node:net';
import { type PolicyRequest, RequestError } from './request.ts';
import { RequestParser } from './request-parser.ts';

/** Replies that a client has not fetched yet, in bytes, above which its requests wait. */
const MAX_UNREAD = 1 << 16;

/** ms that a client whose connection we end may take to close its side */
const CLOSE = 5000;

export interface ConnectionEvents {
  /** The reply to a request; must not throw. */
  answer(request: PolicyRequest): string;
  /** The client sent what is no request; its connection is closed without a reply. */
  refused(reason: string): void;
  closed(): void;
  /** It holds so many bytes more than before, or less. */
  holds(more: number): void;
}

export class PolicyConnection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #parser = new RequestParser();
  #isEnding = false;
  #bytes = 0;
  wasAnswered = false;

  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('drain', () => this.#resume());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => events.closed());
  }

  /** Answers the request in hand, if there is one, and closes. */
  finish(): void {
    this.#isEnding = true;
    if (!this.#parser.isWithin) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Bytes of a request that has begun, and of replies that nobody fetched. */
  get bytes(): number {
    return this.#bytes;
  }

  #resume(): void {
    this.#socket.resume();
    this.#weigh(0);
  }

  #weigh(unread: number): void {
    const bytes = this.#parser.held + unread;
    if (bytes === this.#bytes) return;
    const more = bytes - this.#bytes;
    this.#bytes = bytes;
    this.#events.holds(more);
  }

  #receive(chunk: Buffer): void {
    let replies = '';
    try {
      this.#parser.push(chunk, (request) => {
        replies += this.#events.answer(request);
      });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      // Requests in front of the unusable one are answered all the same.
      this.#socket.end(replies, 'latin1');
      this.#socket.removeAllListeners('data').resume();
      this.#socket.setTimeout(CLOSE, () => this.#socket.destroy());
      this.#events.refused(error.message);
      return;
    }
    if (replies !== '') {
      this.wasAnswered = true;
      this.#socket.write(replies, 'latin1');
    }
    const unread = this.#socket.writableLength;
    const isFull = unread > MAX_UNREAD;
    if (this.#isEnding) this.finish();
    else if (isFull) this.#socket.pause();
    this.#weigh(isFull ? unread : 0);
  }
}
