// Whether the server can be used now: reached, not after a fault a moment ago, and by this host under its own name and time.

import { durationText } from '../values/duration.ts';

/** ms by which the clocks of this host and of the server may differ */
export const MAX_SKEW = 30_000;
/** ms until the next try after the first fault; after each further one, so much longer */
const PAUSE = 1000;
const MAX_PAUSE = 5000;

/** What keeps a host from sharing, each by the name of its log event. */
export type SharingTrouble = 'share-down' | 'share-host-taken' | 'share-clock' | 'share-behind';

/** @param reason undefined where nothing is wrong */
export type ReportTrouble = (name: SharingTrouble, reason: string | undefined) => void;

export class Reach {
  readonly #host: string;
  readonly #report: ReportTrouble;
  #isUp = false;
  #isTaken = false;
  /** ms by which the clock of this host is ahead of the server's; 0 where they agree */
  #skew = 0;
  /** attempts to share that ended in a fault, one after the other */
  #faults = 0;
  #isTrying = false;
  /** ms since 1970 */
  #retryAt = 0;

  /** @param host name of this host */
  constructor(host: string, report: ReportTrouble) {
    this.#host = host;
    this.#report = report;
  }

  /** Whether the server answers. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether another process sends under the name of this host. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** ms by which the clock of this host is ahead of the server's; 0 where they agree. */
  get skew(): number {
    return this.#skew;
  }

  /** Whether events of this host must not be counted with those of others. */
  get isBarred(): boolean {
    return this.#isTaken || this.#skew !== 0;
  }

  /** Whether to try again now. @param now ms since 1970 */
  isDue(now: number): boolean {
    // The clock may have been set back.
    return now >= this.#retryAt || now < this.#retryAt - MAX_PAUSE;
  }

  /**
   * The server has answered a report of this host.
   * @param time ms since 1970 by the clock of the server, at a moment between `begun` and `ended`
   */
  answered(isTaken: boolean, time: number, begun: number, ended: number): void {
    this.#isUp = true;
    this.#skew = skewOf(time, begun, ended);
    this.#isTaken = isTaken;
    this.#report(
      'share-host-taken',
      isTaken ? `another process uses the host name ${this.#host}` : undefined,
    );
    this.#report('share-clock', this.#skew === 0 ? undefined : skewText(this.#skew));
  }

  /** All that waited for the server goes on. */
  resumed(): void {
    this.#isTrying = true;
    this.#report('share-down', undefined);
  }

  /** It has gone well for a while. */
  recovered(): void {
    this.#faults = 0;
  }

  /**
   * A call failed, or the connection is lost. Only what ends an attempt makes the next one wait: a server that was gone for
   * long is used as soon as it is back.
   *
   * @param now ms since 1970
   */
  failed(reason: string, now: number): void {
    if (this.#isTrying) this.#retryAt = now + Math.min(MAX_PAUSE, ++this.#faults * PAUSE);
    this.#isTrying = false;
    this.#isUp = false;
    this.#report('share-down', reason);
  }
}

/** ms by which the clock of this host is ahead; 0 where the clocks agree. */
function skewOf(time: number, begun: number, ended: number): number {
  const skew = Math.round((begun + ended) / 2 - time);
  return Math.abs(skew) <= MAX_SKEW + (ended - begun) / 2 ? 0 : skew;
}

function skewText(skew: number): string {
  const text = durationText(Math.abs(skew));
  return `the clock of this host is ${text} ${skew > 0 ? 'ahead of' : 'behind'} that of the server`;
}
