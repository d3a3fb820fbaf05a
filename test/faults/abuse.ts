// Generates abuse of every kind in a live log, as Postfix logs it, and reports it to the oracle.

import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { acceptedMessage, authFailure, rejectedMessage, rejectedRecipient, stamp } from '../service/mail.ts';
import type { Oracle } from './oracle.ts';

/** Sessions that are open at the same time. */
const OPEN = 6;

type Random = (below: number) => number;

export class Abuse {
  readonly log: string;
  readonly #oracle: Oracle;
  readonly #random: Random;
  readonly ips: readonly string[];
  /** clients that the server has dropped and whose disconnect is not logged yet, by process */
  readonly #dropped = new Map<number, string>();
  #processes = 3000;
  #rotated = 0;
  #last = 0;
  readonly #isGoodToo: boolean;

  /** @param isGoodToo whether clients also log in and deliver mail */
  constructor(log: string, oracle: Oracle, random: Random, clients: number, isGoodToo = false) {
    this.log = log;
    this.#isGoodToo = isGoodToo;
    this.#oracle = oracle;
    this.#random = random;
    this.ips = Array.from({ length: clients }, (_, i) =>
      i % 4 === 0 ? `2001:db8:1:${(i + 1).toString(16)}::${(i + 1).toString(16)}` : `192.0.2.${i + 1}`,
    );
  }

  get rotated(): number {
    return this.#rotated;
  }

  /** Does something `count` times, each some ms after the one before. */
  async go(count: number, pause: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      this.#write(this.#something());
      if (pause > 0) await delay(this.#random(pause));
    }
  }

  /** Renames the log and starts a new one, or copies and truncates it. No line is ever removed. */
  rotate(how: 'rename' | 'copytruncate'): void {
    const name = `${this.log}-${String(++this.#rotated).padStart(6, '0')}`;
    if (how === 'rename') {
      renameSync(this.log, name);
      writeFileSync(this.log, '');
    } else {
      copyFileSync(this.log, name);
      truncateSync(this.log);
    }
  }

  #something(): readonly string[] {
    const ip = this.ips[this.#random(this.ips.length)] ?? '';
    // As in a log, never earlier than the line before.
    this.#last = Math.max(this.#last, Date.now());
    const at = this.#last;
    if (this.#isGoodToo && this.#random(3) === 0) return this.#good(ip, at);
    const dice = this.#random(20);
    if (dice < 7) return this.#failure(ip, at);
    if (dice < 14) return this.#counted(ip, 'rejected-recipient', at, rejectedRecipient(ip, at));
    if (dice < 15) return this.#counted(ip, 'rejected-message', at, rejectedMessage(ip, at));
    if (this.#dropped.size < OPEN && dice < 18) return this.#drop(ip, at);
    return this.#disconnect(at);
  }

  #failure(ip: string, at: number): readonly string[] {
    const user = this.#isGoodToo ? this.#user() : '';
    this.#oracle.take(ip, 'auth-failure', at, user);
    return this.#isGoodToo ? authFailure(ip, at, user === '' ? '(unavailable)' : user) : authFailure(ip, at);
  }

  /** Accepted mail, after a login or not. */
  #good(ip: string, at: number): readonly string[] {
    const user = this.#random(3) === 0 ? this.#user() : '';
    if (user !== '') this.#oracle.take(ip, 'login', at, user);
    return this.#counted(ip, 'accepted-message', at, acceptedMessage(ip, ++this.#processes, at, user));
  }

  /** Some have no name in the log. */
  #user(): string {
    return ['', 'anna', 'berta', 'carla'][this.#random(4)] ?? '';
  }

  #counted(ip: string, kind: string, at: number, lines: readonly string[]): readonly string[] {
    this.#oracle.take(ip, kind, at);
    return lines;
  }

  #drop(ip: string, at: number): readonly string[] {
    const process = ++this.#processes;
    this.#dropped.set(process, ip);
    return [`connect from unknown[${ip}]`, `too many errors after RCPT from unknown[${ip}]`].map((text) =>
      lineOf(process, at, text),
    );
  }

  #disconnect(at: number): readonly string[] {
    const [[process, ip] = []] = this.#dropped;
    if (process === undefined || ip === undefined) return [];
    this.#dropped.delete(process);
    const line = lineOf(process, at, `disconnect from unknown[${ip}] ehlo=1 mail=1 rcpt=0/20 commands=2/22`);
    return this.#counted(ip, 'dropped-connection', at, [line]);
  }

  #write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const text = lines.map((line) => `${line}\n`).join('');
    // Sometimes a line is written in two pieces, as through a full pipe.
    const cut = this.#random(10) === 0 ? this.#random(text.length) : text.length;
    appendFileSync(this.log, text.slice(0, cut));
    appendFileSync(this.log, text.slice(cut));
  }
}

function lineOf(process: number, at: number, text: string): string {
  return `${stamp(at)} mx1 postfix/smtpd[${process}]: ${text}`;
}
