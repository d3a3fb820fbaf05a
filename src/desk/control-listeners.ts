// The listeners of the control socket: in the state directory, and where systemd gives the daemon a runtime directory.

import { createServer, type Socket } from 'node:net';
import { type Listening, type ListenSpec, listen, listenText, type Reopened } from '../net/listen.ts';

const MODE = 0o660;

interface ControlListener {
  readonly spec: ListenSpec;
  readonly listening: Listening;
}

export interface ListenerEvents {
  accept(socket: Socket): void;
  /** a listener failed while it was open */
  failed(reason: string): void;
}

export class ControlListeners {
  readonly #events: ListenerEvents;
  /** by address */
  readonly #listeners = new Map<string, ControlListener>();

  constructor(events: ListenerEvents) {
    this.#events = events;
  }

  /** Opens one more. @throws the system's error; EADDRINUSE where another daemon has it */
  async open(path: string, group: string | undefined): Promise<void> {
    const spec = { type: 'unix', path, mode: MODE, group } as const;
    this.#listeners.set(listenText(spec), { spec, listening: await this.#open(spec) });
  }

  /** Whether each file leads here: it may be removed, or moved away with its directory. */
  get isReachable(): boolean {
    return [...this.#listeners.values()].every(({ listening }) => listening.isReachable);
  }

  /** Reopens those that are not reachable. Never throws. */
  async reopen(): Promise<readonly Reopened[]> {
    const reopened: Reopened[] = [];
    for (const [where, before] of [...this.#listeners]) {
      // Each may have been closed while another was being opened.
      if (this.#listeners.get(where) !== before || before.listening.isReachable) continue;
      try {
        const listening = await this.#open(before.spec);
        before.listening.close();
        if (this.#listeners.get(where) === before) this.#listeners.set(where, { ...before, listening });
        else listening.close();
        reopened.push({ where });
      } catch (error) {
        reopened.push({ where, failure: (error as Error).message });
      }
    }
    return reopened;
  }

  close(): void {
    for (const { listening } of this.#listeners.values()) listening.close();
    this.#listeners.clear();
  }

  async #open(spec: ListenSpec): Promise<Listening> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#events.accept(socket));
    const opened = await listen(server, spec);
    server.on('error', (error) => this.#events.failed(error.message));
    return opened;
  }
}
