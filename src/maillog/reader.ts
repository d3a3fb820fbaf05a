// The log reader: log records in, events out. Pure: all its state is in its sessions and own texts.

import type { LogEvent } from '../blocks/events/event.ts';
import { LostLines } from './lost-lines.ts';
import { cleanupFact } from './postfix/cleanup.ts';
import type { Fact } from './postfix/fact.ts';
import { OwnTexts } from './postfix/own-texts.ts';
import { postscreenFact } from './postfix/postscreen.ts';
import { qmgrFact } from './postfix/qmgr.ts';
import { smtpdFact } from './postfix/smtpd.ts';
import type { Uncounted } from './postfix/uncounted.ts';
import { Sessions } from './sessions.ts';
import { isSyslogDaemon } from './syslog/process.ts';
import type { LogRecord } from './syslog/record.ts';

/** master_avail.c: no more processes may be started. The next smtpd runs with `stress=yes`. */
const PROCESS_LIMIT = /^warning: service "([^"]{1,64})" \([^)]{1,128}\) has reached its process limit /;

export class LogReader {
  readonly texts = new OwnTexts();
  readonly sessions = new Sessions(this.texts);
  readonly lost = new LostLines();
  #uncounted: Uncounted | undefined;

  /** Whether what clients do well is read; false at first. Without it, nothing is kept for it, and nothing emitted. */
  get readsGood(): boolean {
    return this.sessions.good.isWanted;
  }

  set readsGood(readsGood: boolean) {
    this.sessions.good.isWanted = readsGood;
  }

  /** Why the last record is not counted, where it is about a refusal, a failure or a drop. */
  get uncounted(): Uncounted | undefined {
    return this.#uncounted;
  }

  /**
   * Takes one record, as often as its process logged it; calls `emit` for each event that is now certain.
   * @returns the fact in the record; undefined where it has none that counts
   */
  read(record: LogRecord, emit: (event: LogEvent) => void): Fact | undefined {
    if (isSyslogDaemon(record.program)) this.lost.take(record);
    const fact = factOf(record, this.readsGood);
    this.#uncounted = undefined;
    if (fact === undefined) return undefined;
    for (let left = record.repeat ?? 1; left > 0; left--)
      this.#uncounted = this.sessions.take(fact, record, emit);
    return fact;
  }
}

function factOf(record: LogRecord, readsGood: boolean): Fact | undefined {
  switch (record.program) {
    case 'smtpd':
      return smtpdFact(record.message);
    case 'postscreen':
      return postscreenFact(record.message);
    case 'cleanup':
      return cleanupFact(record.message);
    case 'master':
      return stressFact(record.message);
    case 'qmgr':
      return readsGood ? qmgrFact(record.message) : undefined;
    default:
      return undefined;
  }
}

function stressFact(message: string): Fact | undefined {
  const service = PROCESS_LIMIT.exec(message)?.[1];
  return service === undefined ? undefined : { type: 'stress', service };
}
