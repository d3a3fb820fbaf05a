// Feeds a mail log: appends lines at a steady rate with the current time, and lines that start the block of one client.

import { once } from 'node:events';
import { appendFileSync, closeSync, createWriteStream, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { month } from './month.ts';
import type { Served } from './served.ts';

/** ms between writes */
const PACE = 10;
/** characters of a stamp of the month */
const STAMP = '2026-10-01T00:00:00.000000+00:00'.length;
/** the limit of auth-failures as shipped */
export const LIMIT = 30;

export class Feed {
  readonly #path: string;
  readonly #steps: string[][] = [];
  #written = 0;

  /** Generates the lines in advance, so that appending them costs little. */
  constructor(path: string, linesPerSecond: number, seconds: number) {
    this.#path = path;
    const a = Math.round((linesPerSecond * PACE) / 1000);
    let step: string[] = [];
    for (const chunk of month(linesPerSecond * seconds, { span: seconds * 1000 })) {
      for (const line of chunk.split('\n')) {
        if (line !== '') step.push(line.slice(STAMP));
        if (step.length < a) continue;
        this.#steps.push(step);
        step = [];
      }
    }
  }

  /** Lines appended so far. */
  get written(): number {
    return this.#written;
  }

  /** Appends until all lines are written; catches up after a delay. */
  async run(): Promise<void> {
    const file = openSync(this.#path, 'a');
    const begin = performance.now();
    for (const [i, step] of this.#steps.entries()) {
      const early = begin + i * PACE - performance.now();
      if (early > 0) await delay(early);
      const stamp = stampOf(Date.now());
      writeSync(file, step.map((line) => `${stamp}${line}\n`).join(''), null, 'latin1');
      this.#written += step.length;
    }
    closeSync(file);
  }
}

/** Failed logins of one client, as smtpd logs them. */
export function failedLogins(address: string, count: number): string {
  const stamp = stampOf(Date.now());
  const line = `${stamp} mx1 postfix/smtpd[99]: warning: unknown[${address}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6\n`;
  return line.repeat(count);
}

/** Rejected recipients of one client, as smtpd logs them. */
export function rejectedRecipients(address: string, count: number): string {
  const envelope = 'from=<a@example.org> to=<nobody@example.com> proto=ESMTP helo=<x>';
  const line = `${stampOf(Date.now())} mx1 postfix/smtpd[98]: NOQUEUE: reject: RCPT from unknown[${address}]: 550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown in virtual mailbox table; ${envelope}\n`;
  return line.repeat(count);
}

/** Appends texts to a log as fast as the disk allows. */
export async function append(path: string, texts: Iterable<string>): Promise<void> {
  const file = createWriteStream(path, { flags: 'a', encoding: 'latin1' });
  let chunk = '';
  for (const text of texts) {
    chunk += text;
    if (chunk.length < 1 << 17) continue;
    if (!file.write(chunk)) await once(file, 'drain');
    chunk = '';
  }
  file.end(chunk);
  await once(file, 'finish');
}

/** Milliseconds from the log line that reaches a limit to the first REJECT. */
export async function reactionTo(address: string, served: Served, count = 1): Promise<number> {
  appendFileSync(served.log, failedLogins(address, count));
  const begin = performance.now();
  await served.refuses(address);
  return performance.now() - begin;
}

/** rsyslog's RFC 3339 stamp. @param at ms since 1970 */
export function stampOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}000+00:00`;
}
