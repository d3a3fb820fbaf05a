// The clients that follow with `tail`, bounded in number and in what they leave unread.

import type { Socket } from 'node:net';
import type { Change } from '../blocks/changes.ts';

export interface TailLimits {
  /** clients that may follow at a time */
  readonly tails: number;
  /** bytes that one may leave unread; it misses what comes then */
  readonly behind: number;
  /** ms for which one may miss changes before it is closed */
  readonly stalled: number;
}

/** Sent in place of the changes that a client was too slow to read. */
export interface Missed {
  readonly type: 'missed';
  readonly count: number;
  /** event time of the first and of the last one, ms since 1970 */
  readonly since: number;
  readonly at: number;
}

export class Tails {
  readonly #limits: TailLimits;
  readonly #open = new Set<Tail>();
  #evicted = 0;

  constructor(limits: TailLimits) {
    this.#limits = limits;
  }

  /** Clients closed since the start because they did not read. */
  get evicted(): number {
    return this.#evicted;
  }

  get isFull(): boolean {
    return this.#open.size >= this.#limits.tails;
  }

  add(socket: Socket): void {
    if (socket.destroyed) return;
    const tail = new Tail(socket, this.#limits, () => this.#evicted++);
    this.#open.add(tail);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      tail.forget();
      this.#open.delete(tail);
    });
  }

  report(change: Change): void {
    if (this.#open.size === 0) return;
    const line = bytesOf(change);
    for (const tail of this.#open) tail.send(line, change.at);
  }

  close(): void {
    for (const tail of this.#open) tail.destroy();
  }
}

/** One client. If it is too slow for a burst it misses lines, and a line says how many; its connection stays open. */
class Tail {
  readonly #socket: Socket;
  readonly #limits: TailLimits;
  readonly #evicted: () => void;
  #missed: Missed | undefined;
  #stalled: NodeJS.Timeout | undefined;

  constructor(socket: Socket, limits: TailLimits, evicted: () => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#evicted = evicted;
    socket.on('drain', () => this.#catchUp());
  }

  send(line: Buffer, at: number): void {
    if (this.#missed === undefined && this.#socket.writableLength + line.length <= this.#limits.behind) {
      this.#socket.write(line);
      return;
    }
    const { count, since } = this.#missed ?? { count: 0, since: at };
    this.#missed = { type: 'missed', count: count + 1, since, at };
    this.#stalled ??= setTimeout(() => this.#giveUp(), this.#limits.stalled);
  }

  forget(): void {
    clearTimeout(this.#stalled);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #catchUp(): void {
    if (this.#missed === undefined) return;
    clearTimeout(this.#stalled);
    this.#stalled = undefined;
    this.#socket.write(bytesOf(this.#missed));
    this.#missed = undefined;
  }

  #giveUp(): void {
    this.#evicted();
    this.#socket.destroy();
  }
}

function bytesOf(change: Change | Missed): Buffer {
  return Buffer.from(`${JSON.stringify(change)}\n`);
}
