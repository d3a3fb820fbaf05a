// A command that gets a notice on its standard input: no shell, no environment of ours, a process group, and a time.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandTarget } from '../config/fields/notice-fields.ts';
import { cut, visible } from '../terminal/text.ts';
import { filledArguments } from './arguments.ts';
import { Deadline } from './deadline.ts';
import type { Notice } from './notice.ts';
import type { Outcome } from './retry.ts';

/** Nothing that the daemon was started with: its environment may name sockets of systemd, or hold secrets. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
/** sysexits.h, EX_TEMPFAIL: "the user is invited to retry". */
const TEMPFAIL = 75;
/** Characters that are kept of standard error. */
const MAX_ERROR = 1024;
/** Bytes of standard error that are read; a command that writes more gets an error from write(2). */
const MAX_READ = 1 << 20;
const MAX_REASON = 200;
/** ms to wait for the end of standard error */
const LINGER = 200;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** @param signal ends the command @returns what became of it; never rejects */
export async function runCommand(
  { command, timeout }: CommandTarget,
  notice: Notice,
  signal: AbortSignal,
): Promise<Outcome> {
  const deadline = new Deadline(signal, timeout);
  let child: ChildProcess | undefined;
  try {
    child = start(filledArguments(command, notice));
    const stderr = firstLine(child.stderr);
    const group = child;
    deadline.signal.addEventListener('abort', () => killGroup(group), { once: true });
    child.stdin?.end(`${JSON.stringify(notice)}\n`);
    const result = await ended(child);
    const isLate = deadline.signal.aborted;
    killGroup(child);
    // A process that left the group may keep the pipe open.
    const line = result.code === 0 ? '' : await Promise.race([stderr, delay(LINGER, '')]);
    return outcomeOf(result, isLate ? timeout : undefined, line);
  } catch (error) {
    return { type: 'refused', reason: `cannot be run: ${(error as Error).message}` };
  } finally {
    deadline.clear();
    child?.stdin?.destroy();
    child?.stderr?.destroy();
  }
}

/** @throws the system's error */
function start([program = '', ...words]: readonly string[]): ChildProcess {
  const child = spawn(program, words, {
    cwd: '/',
    env: ENVIRONMENT,
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own, which is killed as a whole.
    detached: true,
  });
  // A command that ends without reading closes the pipe, which is no failure.
  child.stdin?.on('error', () => {});
  return child;
}

/** Of the command alone: a process that it has left behind may keep the pipes open. */
function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** @param late ms that the command has exceeded; undefined where it ended in time */
function outcomeOf({ code, signal }: Ended, late: number | undefined, line: string): Outcome {
  if (code === 0) return { type: 'sent' };
  if (late !== undefined)
    return { type: 'retry', reason: `has not ended within ${late / 1000} s and was killed` };
  const how = code === null ? `was ended by ${signal}` : `ended with exit status ${code}`;
  const reason = line === '' ? how : `${how}: ${line}`;
  return { type: code === TEMPFAIL ? 'retry' : 'refused', reason };
}

/** The first line that was written, when the pipe is closed. */
function firstLine(stderr: Readable | null): Promise<string> {
  if (stderr === null) return Promise.resolve('');
  let text = '';
  let left = MAX_READ;
  stderr.on('error', () => {});
  stderr.on('data', (chunk: Buffer) => {
    if (text.length < MAX_ERROR) text += chunk.toString('utf8').slice(0, MAX_ERROR);
    left -= chunk.length;
    if (left < 0) stderr.destroy();
  });
  const line = () => cut(visible(text.trimStart().split('\n', 1)[0] ?? ''), MAX_REASON);
  return new Promise((resolve) => stderr.once('close', () => resolve(line())));
}

/** What a command leaves running is ended with it: otherwise each notice could leave a process behind. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone.
  }
}
