// The troubles that the log reader shows: lines that the syslog daemon dropped, and a user database that is down.

import type { LogReader } from '../maillog/reader.ts';
import { HOUR } from '../values/duration.ts';
import { loginsText, lostText } from './finding-text.ts';
import type { Troubles } from './troubles.ts';

/** ms for which lost lines are a trouble: journald and rsyslogd report more of them within minutes */
const LOST_FOR = HOUR;

export class ReaderTroubles {
  readonly #reader: Pick<LogReader, 'lost' | 'sessions'>;
  readonly #troubles: Pick<Troubles, 'set'>;
  /** reports of lost lines that were seen */
  #reports = 0;
  /** ms since 1970; when lost lines were last reported */
  #lostAt = Number.NEGATIVE_INFINITY;
  /** failed logins spared before logins began to fail */
  #sparedBefore = 0;

  constructor(reader: Pick<LogReader, 'lost' | 'sessions'>, troubles: Pick<Troubles, 'set'>) {
    this.#reader = reader;
    this.#troubles = troubles;
  }

  /** Call it about once a second. @param now ms since 1970 */
  look(now: number): void {
    this.#troubles.set('log-lines-lost', this.#lostLines(now), now);
    this.#troubles.set('logins-failing', this.#failingLogins(), now);
  }

  /** Logins work again. @returns the failed logins that were not counted meanwhile */
  loginsWork(): number {
    const { spared } = this.#reader.sessions.logins;
    const since = spared - this.#sparedBefore;
    this.#sparedBefore = spared;
    return since;
  }

  #lostLines(now: number): string | undefined {
    const { lost } = this.#reader;
    const isNew = lost.reports > this.#reports;
    this.#reports = lost.reports;
    // After the clock was set back, the hour starts again.
    this.#lostAt = isNew ? now : Math.min(this.#lostAt, now);
    return now - this.#lostAt < LOST_FOR ? lostText(lost) : undefined;
  }

  #failingLogins(): string | undefined {
    const { failing, spared } = this.#reader.sessions.logins;
    return failing.length === 0 ? undefined : loginsText(failing, spared - this.#sparedBefore);
  }
}
