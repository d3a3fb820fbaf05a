// The troubles of the daemon's parts: what cannot be written, sent, served or shared, and blocks that fill their room.

import { maxPinnedWeight } from '../blocks/table/eviction.ts';
import { isoText, isoTime } from '../values/iso-time.ts';
import { fullText } from './finding-text.ts';
import type { StatusAnswer, TroubleName } from './status.ts';
import type { Troubles } from './troubles.ts';

/** Below this part of the room for blocked clients, it is no longer full. */
const OVER = 0.95;

/** In all methods: `now` in ms since 1970; the reason is undefined where nothing is wrong. */
export class PartTroubles {
  readonly #troubles: Pick<Troubles, 'set' | 'reasonOf'>;
  /** ISO 8601: when the last snapshot was written, also by a daemon before */
  #written: string | null = null;

  constructor(troubles: Pick<Troubles, 'set' | 'reasonOf'>) {
    this.#troubles = troubles;
  }

  /** A snapshot was to be written. @param failed the reason, undefined where it was */
  snapshot(failed: string | undefined, now: number): void {
    if (failed === undefined) this.#written = isoText(now);
    this.#troubles.set('snapshot-failed', failed, now);
  }

  /** The snapshot that was read at the start. @param written ISO 8601 */
  restored(written: string): void {
    this.#written = written;
  }

  /** ms since 1970: when the last snapshot was written, also by a daemon before; undefined where there is none. */
  get snapshotAt(): number | undefined {
    return this.#written === null ? undefined : isoTime(this.#written);
  }

  audit(failed: string | undefined, now: number): void {
    this.#troubles.set('audit-failed', failed, now);
  }

  /** The metrics, or what hosts share. */
  trouble(
    what: Extract<TroubleName, `share-${string}` | 'metrics-down'>,
    reason: string | undefined,
    now: number,
  ): void {
    this.#troubles.set(what, reason, now);
  }

  /** A target of notices fails for long. */
  notices(target: string, reason: string | undefined, now: number): void {
    const text = reason && `notices do not arrive: ${target}: ${reason}`;
    this.#troubles.set('notices-failing', text, now, target);
  }

  /** A file of an export was to be written. */
  exported(file: string, failed: string | undefined, now: number): void {
    const reason = failed && `${file} cannot be written, and is out of date: ${failed}`;
    this.#troubles.set('export-failed', reason, now, file);
  }

  /** @param weight of all blocked and watched clients; @param maxTracked of policy.yml */
  blocked(weight: number, maxTracked: number, now: number): void {
    const isKnown = this.#troubles.reasonOf('max-blocked-reached') !== null;
    // One block that ends while others start does not end the trouble.
    const isFull = weight >= maxPinnedWeight(maxTracked) * (isKnown ? OVER : 1);
    this.#troubles.set('max-blocked-reached', isFull ? fullText(maxTracked) : undefined, now);
  }

  /** What `status` says of the state directory. */
  get saved(): { snapshot: StatusAnswer['snapshot']; audit: Pick<StatusAnswer['audit'], 'failed'> } {
    return {
      snapshot: { written: this.#written, failed: this.#troubles.reasonOf('snapshot-failed') },
      audit: { failed: this.#troubles.reasonOf('audit-failed') },
    };
  }
}
