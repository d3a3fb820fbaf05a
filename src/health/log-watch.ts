// Monitoring of the mail log: does it report, in time, the clients that Postfix asks about? Pure.

import type { Fact } from '../maillog/postfix/fact.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { MINUTE } from '../values/duration.ts';

/**
 * smtpd logs `connect from` before it can ask, and later the result of each message. One message without a log line
 * is odd; ten mean that we do not see the log. On a host with little mail the finding takes longer, and on a host
 * without mail there is none: nothing is missed there.
 */
export const MESSAGES = 10;
/** ms that lines may lag behind the requests: more than any syslog daemon delays them, restarts included */
export const PATIENCE = MINUTE;
/**
 * Processes, and ms, in which smtpd may log only lines that concern no client, such as temporary refusals: an smtpd
 * process logs `connect from` for each client that it serves, but one client may stay connected for long.
 */
export const PROCESSES = 3;
export const LONG_PATIENCE = 5 * MINUTE;
/** ms by which the newest stamp may differ from the clock */
export const LATE = MINUTE;
/** ms that reading must gain in each minute to count as catching up */
const GAIN = MINUTE / 2;
/** Looks that must have seen lines: with fewer, a late log may be a single late line. */
const LOOKS = 3;
/** Bound of the ms that one look adds: the clock may jump, and the machine may have slept. */
const MAX_STEP = 5000;
const MAX_INSTANCE = 64;

export type Finding =
  /** nothing of smtpd was read; `moved`: but other lines were */
  | { readonly type: 'silent'; readonly ms: number; readonly moved: boolean }
  /** lines of smtpd are read, and none is understood */
  | { readonly type: 'not-understood'; readonly ms: number }
  /** `ms` by which the newest lines of a source are behind the clock; below 0 they are ahead */
  | { readonly type: 'late'; readonly ms: number; readonly source: string };

/** The messages that Postfix asked about since the last expected log line, and the time since the first of them. */
class Wait {
  readonly #messages = new Set<string>();
  ms = 0;

  get isFull(): boolean {
    return this.#messages.size >= MESSAGES;
  }

  asked(instance: string): void {
    if (!this.isFull) this.#messages.add(instance.slice(0, MAX_INSTANCE));
  }

  pass(ms: number): void {
    if (this.#messages.size > 0) this.ms += ms;
  }

  over(): void {
    if (this.#messages.size === 0) return;
    this.#messages.clear();
    this.ms = 0;
  }
}

export class LogWatch {
  /** waiting for a line of smtpd, and for one that is understood */
  readonly #line = new Wait();
  readonly #fact = new Wait();
  readonly #processes = new Set<string>();
  /** by source */
  readonly #lateness = new Map<string, Lateness>();
  #position: string | undefined;
  #hasMoved = false;
  /** a line of smtpd was read since the last look */
  #hasSmtpdLine = false;
  #last: number | undefined;

  /**
   * Postfix asked about a message. Requests without an instance are not from an smtpd (a health check's, for one).
   *
   * @param message its instance is read only when it is needed
   */
  asked(message: { readonly instance: string }): void {
    if (this.#line.isFull && this.#fact.isFull) return;
    const { instance } = message;
    if (instance === '') return;
    this.#line.asked(instance);
    this.#fact.asked(instance);
  }

  /** Only these sources are followed from now on. */
  follows(sources: readonly string[]): void {
    for (const name of this.#lateness.keys()) if (!sources.includes(name)) this.#lateness.delete(name);
  }

  /**
   * @param fact undefined where the record was not understood
   * @param stamp ms since 1970; that of the line
   * @param source the name of its source
   */
  read(record: LogRecord, fact: Fact | undefined, stamp: number, source: string): void {
    this.#latenessOf(source).read(stamp);
    if (record.program !== 'smtpd') return;
    this.#hasSmtpdLine = true;
    this.#line.over();
    if (fact === undefined) {
      if (this.#processes.size < PROCESSES) this.#processes.add(record.process);
    } else {
      this.#fact.over();
      if (this.#processes.size > 0) this.#processes.clear();
    }
  }

  /**
   * What is wrong now. Call it about once a second.
   *
   * @param now ms since 1970
   * @param position how far the log has been read, in any form that changes with it
   */
  look(now: number, position: string): Finding[] {
    const step = Math.min(Math.max(0, now - (this.#last ?? now)), MAX_STEP);
    this.#last = now;
    this.#line.pass(step);
    this.#fact.pass(step);
    this.#move(position);
    const late = [...this.#lateness].flatMap(([source, lateness]): Finding[] => {
      const ms = lateness.look(now, step);
      return ms === undefined ? [] : [{ type: 'late', ms, source }];
    });
    return [...this.#missing(), ...late];
  }

  #latenessOf(source: string): Lateness {
    const known = this.#lateness.get(source);
    if (known !== undefined) return known;
    const lateness = new Lateness();
    this.#lateness.set(source, lateness);
    return lateness;
  }

  #move(position: string): void {
    if (this.#hasSmtpdLine) this.#hasMoved = false;
    else if (this.#position !== undefined && position !== this.#position) this.#hasMoved = true;
    this.#hasSmtpdLine = false;
    this.#position = position;
  }

  #missing(): Finding[] {
    if (this.#line.isFull && this.#line.ms >= PATIENCE)
      return [{ type: 'silent', ms: this.#line.ms, moved: this.#hasMoved }];
    const isStrange = this.#processes.size >= PROCESSES && this.#fact.isFull;
    return isStrange && this.#fact.ms >= LONG_PATIENCE ? [{ type: 'not-understood', ms: this.#fact.ms }] : [];
  }
}

/** Whether lines are late and stay late: after a restart they are late, but are read faster than they are written. */
class Lateness {
  /** ms by which the log was late at the start of the current minute */
  #began = 0;
  #ms = 0;
  #looks = 0;
  #late: number | undefined;
  /** newest stamp since the last look */
  #newest: number | undefined;

  read(stamp: number): void {
    if (this.#newest === undefined || stamp > this.#newest) this.#newest = stamp;
  }

  /** @returns ms by which the log is late, undefined where it is not */
  look(now: number, step: number): number | undefined {
    this.#ms += step;
    if (this.#newest === undefined) return this.#late;
    const behind = now - this.#newest;
    this.#newest = undefined;
    if (Math.abs(behind) <= LATE) {
      this.#late = undefined;
      this.#looks = 0;
    } else if (this.#looks++ === 0) this.#begin(behind);
    else if (this.#ms >= MINUTE && this.#looks >= LOOKS) {
      this.#late = Math.abs(behind) > Math.abs(this.#began) - GAIN ? behind : undefined;
      this.#looks = 1;
      this.#begin(behind);
    }
    return this.#late;
  }

  #begin(behind: number): void {
    this.#began = behind;
    this.#ms = 0;
  }
}
