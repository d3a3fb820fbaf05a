// Watches the watcher: whether the mail log still tells of the clients that Postfix asks about, in time. Pure.

import type { Fact } from '../maillog/postfix/fact.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { MINUTE } from '../values/duration.ts';

/**
 * smtpd logs `connect from` before it can ask, and again what became of each message: one message that the log does
 * not tell of is a wonder, ten are a log that we do not see. So hosts where little mail arrives take longer to be
 * found out, and those where none does, never: there nothing is missed.
 */
export const MESSAGES = 10;
/** ms that lines may lag behind the requests: more than any syslog daemon holds them back, restarts included */
export const PATIENCE = MINUTE;
/**
 * Processes, and ms, in which smtpd may say only what tells of nobody, such as temporary refusals: an smtpd process
 * logs `connect from` for each client it serves, but one client may stay for long.
 */
export const PROCESSES = 3;
export const LONG_PATIENCE = 5 * MINUTE;
/** ms by which the newest stamp may differ from the clock */
export const LATE = MINUTE;
/** ms that reading must gain in each minute to be on its way to the end of a log */
const GAIN = MINUTE / 2;
/** Looks with lines in them without which a late log may be one line that was late. */
const LOOKS = 3;
/** Most ms that one look adds: the clock may jump, and the machine may have slept. */
const MAX_STEP = 5000;
const MAX_INSTANCE = 64;

export type Finding =
  /** nothing of smtpd was read; `moved`: but other lines were */
  | { readonly type: 'silent'; readonly ms: number; readonly moved: boolean }
  /** smtpd's lines are read, and none of them says what is known */
  | { readonly type: 'not-understood'; readonly ms: number }
  /** `ms` by which the newest lines of a source are behind the clock; below 0 they are ahead */
  | { readonly type: 'late'; readonly ms: number; readonly source: string };

/** Messages asked about since something last happened, and for how long that is. */
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
  /** for a line of smtpd, and for one that is understood */
  readonly #line = new Wait();
  readonly #fact = new Wait();
  readonly #processes = new Set<string>();
  /** by source */
  readonly #lateness = new Map<string, Lateness>();
  #place: string | undefined;
  #hasMoved = false;
  /** smtpd was heard since the last look */
  #isHeard = false;
  #last: number | undefined;

  /**
   * Postfix asked about a message. Requests without an instance are not from an smtpd (a health check's, for one).
   *
   * @param message is asked for its instance only where that is of use
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
   * @param fact what the record was understood to say
   * @param stamp ms since 1970; of its line
   * @param source in which the line stands
   */
  read(record: LogRecord, fact: Fact | undefined, stamp: number, source: string): void {
    this.#latenessOf(source).read(stamp);
    if (record.program !== 'smtpd') return;
    this.#isHeard = true;
    this.#line.over();
    if (fact === undefined) {
      if (this.#processes.size < PROCESSES) this.#processes.add(record.process);
    } else {
      this.#fact.over();
      if (this.#processes.size > 0) this.#processes.clear();
    }
  }

  /**
   * What is wrong now; to be asked every second or so.
   *
   * @param now ms since 1970
   * @param place how far the log has been read, in any form that changes when it is read on
   */
  look(now: number, place: string): Finding[] {
    const step = Math.min(Math.max(0, now - (this.#last ?? now)), MAX_STEP);
    this.#last = now;
    this.#line.pass(step);
    this.#fact.pass(step);
    this.#move(place);
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

  #move(place: string): void {
    if (this.#isHeard) this.#hasMoved = false;
    else if (this.#place !== undefined && place !== this.#place) this.#hasMoved = true;
    this.#isHeard = false;
    this.#place = place;
  }

  #missing(): Finding[] {
    if (this.#line.isFull && this.#line.ms >= PATIENCE)
      return [{ type: 'silent', ms: this.#line.ms, moved: this.#hasMoved }];
    const isStrange = this.#processes.size >= PROCESSES && this.#fact.isFull;
    return isStrange && this.#fact.ms >= LONG_PATIENCE ? [{ type: 'not-understood', ms: this.#fact.ms }] : [];
  }
}

/** Whether lines are late, and stay it: after a restart they are, and are read faster than they are written. */
class Lateness {
  /** where the minute began that is going on */
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
