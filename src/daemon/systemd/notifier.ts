// Sends notifications to systemd by systemd-notify(1): Node has no datagram sockets in the unix domain.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Each line is a notification, its assignments separated by tabs. A shell starts the program and not the daemon: each
 * fork(2) of a process copies its page tables, which takes ms where it has a million clients in memory. SIGTERM goes to
 * all processes of the unit; the shell ends when the daemon has closed its pipe.
 */
const SCRIPT = `trap '' TERM INT HUP
IFS='\t'
set -f
while read -r line; do
  systemd-notify -- $line 2>&1 </dev/null || echo "systemd-notify ended with status $?"
done`;

/** Bytes that wait for a shell that does not read; more notifications are dropped. */
const MAX_WAITING = 4096;
/** Bytes of what the program prints that are logged. */
const MAX_TEXT = 200;
/** File descriptors in one notification: the kernel takes 253 (SCM_MAX_FD of unix(7)). */
const MAX_DESCRIPTORS = 250;
/** ms that the last notifications may take */
const LAST = 2000;

export class Notifier {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #failed: (reason: string) => void;
  #shell: ChildProcess | undefined;
  #hasFailed = false;
  /** what a program has printed of its first line */
  #printed = '';

  /** @param socket NOTIFY_SOCKET; @param failed is called for the first failure */
  constructor(socket: string, failed: (reason: string) => void) {
    this.#environment = { ...process.env, NOTIFY_SOCKET: socket };
    this.#failed = failed;
  }

  /** Sends assignments such as `READY=1`, after those before. Never waits, never throws. */
  send(...assignments: readonly string[]): void {
    this.#shell ??= this.#start();
    const { stdin } = this.#shell;
    if (stdin === null || stdin.destroyed || stdin.writableLength > MAX_WAITING) return;
    stdin.write(`${assignments.map(printable).join('\t')}\n`);
  }

  /**
   * Has systemd keep sockets over a restart (systemd 254 and later). They are stored with their unread bytes: the caller
   * destroys them before it returns to the event loop, so that nothing more is read from them here.
   *
   * @param name for LISTEN_FDNAMES
   */
  async store(sockets: readonly Socket[], name: string): Promise<void> {
    const stored: Promise<void>[] = [];
    for (let first = 0; first < sockets.length; first += MAX_DESCRIPTORS)
      stored.push(this.#storePart(sockets.slice(first, first + MAX_DESCRIPTORS), name));
    await Promise.all(stored);
  }

  /** Sends what has not been sent yet, and ends. */
  async end(): Promise<void> {
    const shell = this.#shell;
    if (shell === undefined) return;
    shell.stdin?.end();
    await ended(shell);
  }

  #storePart(sockets: readonly Socket[], name: string): Promise<void> {
    const options = [...sockets.map((_, index) => `--fd=${3 + index}`), `--fdname=${name}`];
    const child = spawn('systemd-notify', options, {
      env: this.#environment,
      stdio: ['ignore', 'ignore', 'pipe', ...sockets],
    });
    child.stderr?.on('data', (chunk: Buffer) => this.#print(chunk));
    child.on('error', (error) => this.#fail(error.message));
    return ended(child);
  }

  #start(): ChildProcess {
    const shell = spawn('/bin/sh', ['-c', SCRIPT], {
      env: this.#environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    shell.stdin?.on('error', () => undefined);
    shell.stdout?.on('data', (chunk: Buffer) => this.#print(chunk));
    shell.on('error', (error) => this.#fail(error.message));
    shell.on('close', () => {
      // Started again at the next notification.
      this.#shell = undefined;
    });
    shell.unref();
    return shell;
  }

  /** Takes what is printed, in pieces: only a failure prints anything. */
  #print(chunk: Buffer): void {
    if (this.#hasFailed) return;
    this.#printed = (this.#printed + chunk).slice(0, MAX_TEXT);
    const [line = '', ...rest] = this.#printed.split('\n');
    if (rest.length > 0 || line.length === MAX_TEXT) this.#fail(line);
  }

  #fail(reason: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failed(printable(reason));
  }
}

/** Resolves when it has ended; kills it after a while. */
async function ended(child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), LAST);
  await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  clearTimeout(timer);
}

/** One line without tabs, which separate assignments. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
