// The link to the server: calls with a deadline, and a new connection after each failure, in growing pauses.

import { StoreError } from '../shared-store.ts';
import type { ServerClient } from './client.ts';
import { storeErrorOf } from './failure.ts';

/** ms between two attempts to connect: at first, and at most. Each is shortened by chance: hundreds of hosts try. */
const FIRST_PAUSE = 100;
const MAX_PAUSE = 1000;
/** Replies after which another connection may do better, though the server is reached. */
const OF_CONNECTION = ['NOAUTH ', 'WRONGPASS ', 'NOPERM '];

export interface LinkParts {
  /** makes a client that is not connected yet */
  open(onLost: (error: unknown) => void): Promise<ServerClient>;
  /** Makes sure that the server counts: a write to each node. */
  prepare(client: ServerClient): Promise<void>;
  /** ms */
  readonly timeout: number;
  /** Reported once for each turn, and again where the failure is another one. */
  turned(isUp: boolean, reason: string | undefined): void;
}

export class Link {
  readonly #parts: LinkParts;
  #client: ServerClient | undefined;
  #error = new StoreError('unreachable', 'no connection yet');
  #reported: string | undefined;
  #pause = FIRST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #roundTrip: number | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    void this.#connect();
  }

  /** ms that the last call took which was answered; undefined before */
  get roundTrip(): number | undefined {
    return this.#roundTrip;
  }

  /**
   * @param key by which a cluster finds the node
   * @throws StoreError
   */
  async call(key: string, args: readonly string[]): Promise<unknown> {
    const client = this.#client;
    if (client === undefined) throw this.#error;
    const begun = performance.now();
    try {
      const reply = await within(this.#parts.timeout, client.send(key, args));
      this.#pause = FIRST_PAUSE;
      this.#roundTrip = performance.now() - begun;
      return reply;
    } catch (cause) {
      const error = storeErrorOf(cause, client.isReply);
      if (isOfConnection(error)) this.#lose(client, error);
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#client?.destroy();
    this.#client = undefined;
    this.#error = new StoreError('unreachable', 'the connection is closed');
  }

  async #connect(): Promise<void> {
    const { open, prepare, timeout } = this.#parts;
    let lost: (error: unknown) => void = () => {};
    const isLost = new Promise<never>((_, reject) => {
      lost = reject;
    });
    isLost.catch(() => {});
    let client: ServerClient | undefined;
    try {
      const opened = await open((error) => lost(error));
      client = opened;
      const ready = opened.connect().then(() => prepare(opened));
      await within(2 * timeout, Promise.race([ready, isLost]));
      if (this.#isClosed) throw this.#error;
      isLost.catch((error: unknown) => this.#lose(opened, storeErrorOf(error, opened.isReply)));
      this.#stand(opened);
    } catch (error) {
      client?.destroy();
      this.#fail(storeErrorOf(error, client?.isReply ?? (() => false)));
    }
  }

  #stand(client: ServerClient): void {
    this.#client = client;
    this.#report(true, undefined, 'up');
  }

  #lose(client: ServerClient, error: StoreError): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    client.destroy();
    this.#fail(error);
  }

  #fail(error: StoreError): void {
    if (this.#isClosed) return;
    this.#error = error;
    const pause = this.#pause * (1 + Math.random()) * 0.5;
    this.#pause = Math.min(2 * this.#pause, MAX_PAUSE);
    this.#timer = setTimeout(() => void this.#connect(), pause);
    this.#report(false, error.message, error.failure);
  }

  #report(isUp: boolean, reason: string | undefined, what: string): void {
    if (this.#reported === what) return;
    this.#reported = what;
    this.#parts.turned(isUp, reason);
  }
}

function isOfConnection({ failure, message }: StoreError): boolean {
  return failure !== 'wrong' || OF_CONNECTION.some((word) => message.includes(word));
}

/** @throws StoreError `slow` where the result takes longer */
export async function within<T>(ms: number, result: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreError('slow', `no answer within ${ms} ms`)), ms);
  });
  // It may fail later, when nobody waits any more.
  result.catch(() => {});
  try {
    return await Promise.race([result, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
