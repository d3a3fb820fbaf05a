// Load on the policy service: many connections, each as smtpd(8) uses it where main.cf says try_limit=1.

import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { requestText } from './daemon.ts';

/** Requests of one SMTP session: smtpd(8) does not look at its idle connection in between. */
const SESSION = 3;
/** ms that a reply may take. main.cf says 2 s; a busy test host is no fault of the daemon: `longest` is reported. */
const PATIENCE = 30_000;
/** ms between two looks at the requests that are due */
const TICK = 5;

export interface LoadOptions {
  /** path of the unix socket */
  readonly socket: string;
  readonly connections: number;
  /** requests per second of all connections */
  readonly rate: number;
  /** the address that the request with this number asks about, and the reply that is right */
  ask(number: number): { readonly address: string; readonly reply: string };
}

export interface LoadFigures {
  asked: number;
  /** requests that Postfix would have answered with default_action, each with why */
  readonly lost: string[];
  /** replies other than the right one */
  readonly wrong: string[];
  /** ms of the longest reply, a new connection included */
  longest: number;
  /** connections that were closed while no session was open, which costs Postfix nothing */
  reopened: number;
}

/**
 * A client as attr_clnt_request of src/util/attr_clnt.c and src/util/auto_clnt.c (Postfix 2.1 to 3.12): a connection that
 * is readable before a request has been sent counts as failed, with try_limit=1 the request is given up, and the
 * connection is not opened again until the event loop of smtpd(8), between two sessions, has seen that it is closed.
 */
class Caller {
  readonly #load: PolicyLoad;
  #socket: Socket | undefined;
  #isBroken = false;
  #inSession = 0;
  #onReply: ((reply: string | undefined) => void) | undefined;

  constructor(load: PolicyLoad) {
    this.#load = load;
  }

  async call(): Promise<void> {
    const { figures, options } = this.#load;
    const { address, reply: right } = options.ask(figures.asked++);
    const begun = performance.now();
    const reply = await this.#request(address);
    figures.longest = Math.max(figures.longest, performance.now() - begun);
    if (reply !== undefined && reply !== right) figures.wrong.push(`${address}: ${reply}`);
    this.#inSession = (this.#inSession + 1) % SESSION;
  }

  async #request(address: string): Promise<string | undefined> {
    if (this.#isBroken && this.#inSession === 0) {
      this.#load.figures.reopened++;
      this.close();
    }
    if (this.#isBroken) return this.#lost('the connection was closed within a session');
    if (this.#socket === undefined && !(await this.#open())) return this.#lost('the connection was refused');
    const reply = new Promise<string | undefined>((resolve) => {
      this.#onReply = resolve;
    });
    const timer = setTimeout(() => this.#onReply?.(undefined), PATIENCE);
    const state = this.#inSession === SESSION - 1 ? 'END-OF-MESSAGE' : 'RCPT';
    this.#socket?.write(requestText({ protocol_state: state, client_address: address }));
    const text = await reply;
    clearTimeout(timer);
    return text ?? this.#lost('closed without a reply');
  }

  #lost(why: string): undefined {
    this.#load.figures.lost.push(why);
  }

  async #open(): Promise<boolean> {
    const socket = connect(this.#load.options.socket);
    const isOpen = await new Promise<boolean>((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    if (!isOpen) return false;
    this.#socket = socket;
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (!text.endsWith('\n\n')) return;
      this.#onReply?.(text.trimEnd());
      text = '';
    });
    socket.on('error', () => undefined);
    const broken = () => {
      if (this.#socket !== socket) return;
      this.#isBroken = true;
      this.#onReply?.(undefined);
    };
    socket.on('end', broken).on('close', broken);
    return true;
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isBroken = false;
    socket?.destroy();
  }
}

export class PolicyLoad {
  readonly options: LoadOptions;
  readonly figures: LoadFigures = { asked: 0, lost: [], wrong: [], longest: 0, reopened: 0 };
  readonly #callers: readonly Caller[];
  readonly #idle: Caller[];
  readonly #timer: NodeJS.Timeout;
  readonly #begun = performance.now();
  #filled = performance.now();
  /** requests that are due */
  #due = 0;

  constructor(options: LoadOptions) {
    this.options = options;
    this.#callers = Array.from({ length: options.connections }, () => new Caller(this));
    this.#idle = [...this.#callers];
    this.#timer = setInterval(() => this.#fill(), TICK);
  }

  /** No more requests; waits for the replies to those that were sent. */
  async end(): Promise<LoadFigures & { readonly seconds: number }> {
    clearInterval(this.#timer);
    this.#due = 0;
    while (this.#idle.length < this.#callers.length) await delay(10);
    for (const caller of this.#callers) caller.close();
    return { ...this.figures, seconds: (performance.now() - this.#begun) / 1000 };
  }

  #fill(): void {
    const now = performance.now();
    const { rate } = this.options;
    // What could not be sent while all waited is not sent later: so does a queue of SMTP clients.
    this.#due = Math.min(this.#due + ((now - this.#filled) / 1000) * rate, rate / 10);
    this.#filled = now;
    this.#send();
  }

  #send(): void {
    while (this.#due >= 1) {
      const caller = this.#idle.shift();
      if (caller === undefined) return;
      this.#due--;
      void caller.call().then(() => {
        this.#idle.push(caller);
        this.#send();
      });
    }
  }
}
