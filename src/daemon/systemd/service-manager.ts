// The daemon as systemd sees it: starting, ready, reloading or stopping, with a line of text and signs of life.

import type { Socket } from 'node:net';
import type { SystemdEnvironment } from './environment.ts';
import { Notifier } from './notifier.ts';

/** ms between two looks at the text of the state */
const LOOK = 5000;
/** Pings within the time of the watchdog; sd_watchdog_enabled(3) advises two. */
const PINGS = 3;
/** Characters of the text. */
const MAX_TEXT = 200;
/**
 * While the daemon starts, systemd waits so many ms more after each look, and EXTEND times at most: a million clients on
 * a slow disk are no reason to kill it, and Postfix, which starts after it, must not wait for ever.
 */
const MORE_TIME = 30_000;
const EXTEND = 60;

/** Assignments of sd_notify(3). Each notification has the whole state, so that one that is lost does no harm. */
const PHASES = {
  starting: `EXTEND_TIMEOUT_USEC=${MORE_TIME * 1000}`,
  ready: 'READY=1',
  reloading: 'RELOADING=1',
  stopping: 'STOPPING=1',
} as const;

export interface ServiceEvents {
  /** the state in one line */
  text(): string;
  /** Notifications fail; called once. */
  failed(reason: string): void;
}

export class ServiceManager {
  readonly #notifier: Notifier | undefined;
  readonly #watchdog: number | undefined;
  /** sockets that systemd keeps */
  readonly #stored: number;
  readonly #events: ServiceEvents;
  #timer: NodeJS.Timeout | undefined;
  #phase: keyof typeof PHASES = 'starting';
  #extended = 0;
  #text = '';

  /** Does nothing where systemd expects no notifications. */
  constructor({ notifySocket, watchdog, stored }: SystemdEnvironment, events: ServiceEvents) {
    this.#stored = stored;
    this.#watchdog = watchdog;
    this.#events = events;
    if (notifySocket !== undefined)
      this.#notifier = new Notifier(notifySocket, (reason) => events.failed(reason));
  }

  /** Starts the signs of life: a frozen event loop sends none. */
  start(): void {
    if (this.#notifier === undefined) return;
    this.#timer = setInterval(() => this.#look(), this.#watchdog ? this.#watchdog / PINGS : LOOK);
    this.#look();
  }

  ready(): void {
    this.#enter('ready');
  }

  /** `systemctl reload` waits until the daemon is ready again. */
  reloading(): void {
    this.#enter('reloading');
  }

  stopping(): void {
    this.#enter('stopping');
  }

  /** Sends what has not been sent yet. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#notifier?.end();
  }

  #enter(phase: keyof typeof PHASES): void {
    // A reload that ends during the stop does not make it ready again.
    if (this.#phase === 'stopping') return;
    this.#phase = phase;
    this.#send(this.#currentText);
  }

  #look(): void {
    const text = this.#currentText;
    const isExtended = this.#phase === 'starting' && this.#extended++ < EXTEND;
    if (this.#watchdog !== undefined || isExtended || text !== this.#text) this.#send(text);
  }

  get #currentText(): string {
    const isRunning = this.#phase === 'ready' || this.#phase === 'reloading';
    return (isRunning ? this.#events.text() : this.#phase).slice(0, MAX_TEXT);
  }

  #send(text: string): void {
    this.#text = text;
    const phase = this.#phase === 'starting' && this.#extended > EXTEND ? [] : [PHASES[this.#phase]];
    const ping = this.#watchdog === undefined ? [] : ['WATCHDOG=1'];
    this.#notifier?.send(...phase, ...ping, `STATUS=${text}`);
  }

  /** Has systemd keep connections over a restart; undefined where it does not. @see Notifier.store */
  get keep(): ((sockets: readonly Socket[]) => Promise<void>) | undefined {
    const notifier = this.#notifier;
    if (notifier === undefined || this.#stored === 0) return undefined;
    return (sockets) => notifier.store(sockets.slice(0, this.#stored), CONNECTION);
  }
}

/** FDNAME= of a connection that systemd keeps over a restart. */
export const CONNECTION = 'connection';
