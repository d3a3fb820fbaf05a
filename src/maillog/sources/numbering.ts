// The numbers of a source's records, and from them the identity of each event.

import { isoTextOf, isoTime } from '../../values/iso-time.ts';

/**
 * More than the events of any one record: a disconnect gives a few for the end of its session and what went well in it, and
 * one for each of up to 1,000 refused logins; any other record gives at most one for each of up to 1,000 repetitions, and a
 * few that only the first of them gives.
 */
const EVENTS = 2 ** 11;
/** With it, the number of the last event is 2^53 - 1. At 20,000 records a second it is reached after seven years. */
const MAX_RECORDS = 2 ** 42 - 1;
const EPOCH = '1970-01-01T00:00:00.000Z';

/**
 * Identifies an event among all events of a host. The source is that of the line that made the event certain: no event
 * comes from time alone.
 *
 * A line that is read again gives its events the same identities: after a restart from any snapshot, in whatever order the
 * lines of other sources come, and under whatever policy. No two events share one. In a numbering, numbers rise in the
 * order of the source.
 *
 * So they number records, not events. Whether a line gives an event can depend on lines of other sources (of the same
 * session, or on stress), and these may come in another order when they are read again. A line always has the same place
 * in its own source, as long as `maillog` selects the same lines.
 */
export interface EventIdentity {
  /** name of the source: the path of its file, under which its rotated files count too, or `journal` */
  readonly source: string;
  /** ISO 8601: names the numbering. Another one begins at 0 again, and its numbers mean nothing to this one */
  readonly since: string;
  /** a safe integer above 0, with gaps */
  readonly number: number;
}

/** The form in a snapshot. */
export interface NumberingState {
  readonly since: string;
  /** number of the last record taken */
  readonly last: number;
}

/** The highest number of an event in a numbering so far. */
export function highestIn({ last }: NumberingState): number {
  return last * EVENTS + EVENTS - 1;
}

/** The numbering of one source. It continues only together with the position in the source. */
export class Numbering {
  readonly source: string;
  #since = EPOCH;
  #last = 0;

  /** @param since ms since 1970; that of no other numbering of the source */
  constructor(source: string, since: number) {
    this.source = source;
    this.begin(since);
  }

  /** The numbering of a snapshot; undefined where that is damaged. */
  static restored(source: string, state: unknown): Numbering | undefined {
    const { since, last } = (state ?? {}) as Readonly<Record<string, unknown>>;
    const at = isoTime(since);
    const isNumber = typeof last === 'number' && Number.isSafeInteger(last) && last >= 0;
    if (Number.isNaN(at) || !isNumber || last > MAX_RECORDS) return undefined;
    const numbering = new Numbering(source, at);
    numbering.#last = last;
    return numbering;
  }

  get state(): NumberingState {
    return { since: this.#since, last: this.#last };
  }

  /** Begins another numbering. @param since ms since 1970 */
  begin(since: number): void {
    this.#since = isoTextOf(since) ?? EPOCH;
    this.#last = 0;
  }

  /** Numbers the next record. @param stamp its own, in ms since 1970: it names the next numbering after the last number */
  next(stamp: number): void {
    if (this.#last === MAX_RECORDS) this.begin(stamp);
    this.#last++;
  }

  /** The identity of an event of the record numbered last. @param index 0 for its first event */
  identityOf(index: number): EventIdentity {
    return { source: this.source, since: this.#since, number: this.#last * EVENTS + index };
  }
}
