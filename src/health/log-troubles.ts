// The troubles of the mail log: a source that cannot be read, is late or silent, or is not understood.

import type { Fact } from '../maillog/postfix/fact.ts';
import type { Notice } from '../maillog/sources/source.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { HOST_ZONE, type Zone } from '../maillog/syslog/zone.ts';
import { findingText } from './finding-text.ts';
import { type Finding, LogWatch } from './log-watch.ts';
import type { Troubles } from './troubles.ts';

/** The source and stamp of a line. The stamp of its record is set back where that of the line lies ahead. */
export interface Origin {
  /** ms since 1970 */
  readonly stamp: number;
  readonly source: string;
}

export class LogTroubles {
  readonly #troubles: Pick<Troubles, 'set'>;
  readonly #watch = new LogWatch();
  #sources: readonly string[] = [];
  #zone = HOST_ZONE;

  constructor(troubles: Pick<Troubles, 'set'>) {
    this.#troubles = troubles;
  }

  /** Names of the sources that are followed. */
  get sources(): readonly string[] {
    return this.#sources;
  }

  /** The log is followed through these sources from now on. @param zone of stamps without one */
  follows(sources: readonly string[], now: number, zone: Zone = HOST_ZONE): void {
    for (const name of this.#sources) {
      this.#troubles.set('log-source-lost', undefined, now, name);
      this.#troubles.set('log-late', undefined, now, name);
    }
    this.#sources = sources;
    this.#zone = zone;
    this.#watch.follows(sources);
  }

  notice(notice: Notice, now: number): void {
    const { type, source } = notice;
    if (type === 'found') this.#troubles.set('log-source-lost', undefined, now, source);
    else if (type === 'lost') {
      const reason = `nothing is counted: ${source} cannot be read: ${notice.reason}`;
      this.#troubles.set('log-source-lost', reason, now, source);
    }
  }

  /** @see LogWatch.asked */
  asked(message: { readonly instance: string }): void {
    this.#watch.asked(message);
  }

  /** @param fact undefined where the record was not understood */
  read(record: LogRecord, fact: Fact | undefined, { stamp, source }: Origin): void {
    this.#watch.read(record, fact, stamp, source);
  }

  /** Call it about once a second. @param position how far the log has been read, in any form that changes with it */
  look(position: string, now: number): void {
    const findings = this.#watch.look(now, position);
    const found = (is: (finding: Finding) => boolean) => findings.find(is);
    const silent = found(({ type }) => type === 'silent');
    const strange = found(({ type }) => type === 'not-understood');
    this.#troubles.set('log-silent', this.#reasonOf(silent, now), now);
    this.#troubles.set('log-not-understood', this.#reasonOf(strange, now), now);
    for (const name of this.#sources) {
      const late = found((finding) => finding.type === 'late' && finding.source === name);
      this.#troubles.set('log-late', this.#reasonOf(late, now), now, name);
    }
  }

  #reasonOf(finding: Finding | undefined, now: number): string | undefined {
    return finding && findingText(finding, this.#sources, this.#zone.offsetAt(now));
  }
}
