// River one in a nutshell: log records in, events out. Pure: what it knows is in its sessions and its own texts.

import type { LogEvent } from '../blocks/event.ts';
import { cleanupFact } from './cleanup.ts';
import type { Fact } from './fact.ts';
import { postscreenFact } from './postscreen.ts';
import type { LogRecord } from './record.ts';
import { OwnTexts } from './reply.ts';
import { Sessions } from './sessions.ts';
import { smtpdFact } from './smtpd.ts';

/** master_avail.c, when no more processes may be started: the next smtpd will run with `stress=yes`. */
const PROCESS_LIMIT = /^warning: service "[^"]{1,64}" \([^)]{1,128}\) has reached its process limit /;

export class LogReader {
  readonly texts = new OwnTexts();
  readonly sessions = new Sessions(this.texts);

  /**
   * Takes one record, as often as its process logged it; calls `emit` for each event that is now certain.
   * @returns what the record says of a client or of the host; undefined where it says nothing that counts
   */
  read(record: LogRecord, emit: (event: LogEvent) => void): Fact | undefined {
    const fact = factOf(record);
    if (fact === undefined) return undefined;
    for (let left = record.repeat ?? 1; left > 0; left--) this.sessions.take(fact, record, emit);
    return fact;
  }
}

function factOf(record: LogRecord): Fact | undefined {
  switch (record.program) {
    case 'smtpd':
      return smtpdFact(record.message);
    case 'postscreen':
      return postscreenFact(record.message);
    case 'cleanup':
      return cleanupFact(record.message);
    case 'master':
      return PROCESS_LIMIT.test(record.message) ? { type: 'stress' } : undefined;
    default:
      return undefined;
  }
}
