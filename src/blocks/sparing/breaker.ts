// The breaker: spares clients in good standing while so many of them reach a limit that the fault is probably our own.

import { HOUR } from '../../values/duration.ts';
import { isoText, isoTime } from '../../values/iso-time.ts';
import type { ManualAction } from '../table/block.ts';
import { MAX_BLOCKED, RecentBlocks } from './recent-blocks.ts';

/**
 * When more than `clients` clients in good standing, and more than `share` (0 to 1) of all of them, are blocked `within`
 * (ms), clients in good standing are spared from then on.
 */
export interface BreakerTerms {
  readonly clients: number;
  readonly share: number;
  readonly within: number;
}

/** Why the breaker closed: no client had to be spared for an hour, by hand, or the policy has none any more. */
export const CLOSE_REASONS = ['expired', 'resumed', 'policy-changed'] as const;

export type CloseReason = (typeof CLOSE_REASONS)[number];

/** The breaker opens or closes. Times in ms since 1970. */
export interface BreakerTurn {
  readonly state: 'open' | 'closed';
  readonly at: number;
  /** the client whose block opened it; empty where it closes */
  readonly ip: string;
  /** clients in good standing that started a block within its time, `ip` included; 0 where it closes */
  readonly blocked: number;
  /** all clients in good standing when it opened */
  readonly standing: number;
  /** why it closed */
  readonly reason?: CloseReason | undefined;
  /** who closed it */
  readonly hand?: ManualAction | undefined;
}

/** What opened the breaker. */
export type Opening = Pick<BreakerTurn, 'at' | 'ip' | 'blocked' | 'standing'>;

/** The breaker as a snapshot holds it; times in ISO 8601 UTC. */
export interface SavedBreaker {
  /** clients in good standing that were blocked last, and when */
  readonly blocked: readonly (readonly [client: string, at: string])[];
  readonly open?: Omit<Opening, 'at'> & { readonly at: string; readonly lastSpared: string };
  /** when it closed last */
  readonly closed?: string;
}

/** What readers outside this room see. */
export type BreakerView = Pick<Breaker, 'opening' | 'saved'>;

/** ms; it closes when it had to spare no client for so long */
const QUIET = HOUR;

/**
 * Time is that of events, so that a log gives the same whenever it is read. What is known when an event is read decides:
 * while the breaker is open, it spares also for an event that is stamped before it opened. When it has closed, it still
 * spares for an event that is stamped before that moment: a late line, or one that is read again after a crash.
 */
export class Breaker {
  #terms: BreakerTerms | undefined;
  readonly #standing: (at: number) => number;
  readonly #onTurn: (turn: BreakerTurn) => void;
  /** while it is closed: those of clients in good standing */
  readonly #blocked = new RecentBlocks();
  #opening: Opening | undefined;
  /** when it opened last */
  #openedAt = 0;
  #lastSpared = 0;
  #closedAt = 0;

  /**
   * @param standing the number of clients in good standing at a moment
   * @param onTurn called when it opens or closes
   */
  constructor(
    terms: BreakerTerms | undefined,
    standing: (at: number) => number,
    onTurn: (turn: BreakerTurn) => void,
  ) {
    this.#terms = terms;
    this.#standing = standing;
    this.#onTurn = onTurn;
  }

  /** What opened it; undefined while it is closed. */
  get opening(): Opening | undefined {
    return this.#opening;
  }

  /**
   * A moment at which a client in good standing is spared for what happens at `at` (ms): while the breaker is open, that at
   * which it opened, since nobody may be able to log in for longer than a day.
   */
  standingAt(at: number): number {
    const isSparing = this.#opening !== undefined || at < this.#closedAt;
    return isSparing && this.#openedAt > 0 ? Math.min(at, this.#openedAt) : at;
  }

  /** Replaces the terms. Without terms it closes. @param now ms */
  adopt(terms: BreakerTerms | undefined, now: number): void {
    this.#terms = terms;
    if (terms === undefined) this.close(now, 'policy-changed');
  }

  /**
   * Whether a client in good standing is spared. If not, its block starts.
   * @param key as the table keeps it
   * @param at ms; when the block would start
   */
  spares(key: string, at: number): boolean {
    this.settle(at);
    if (this.#opening !== undefined) {
      this.#lastSpared = Math.max(this.#lastSpared, at);
      return true;
    }
    if (at < this.#closedAt) return true;
    if (this.#terms === undefined) return false;
    const { clients, share, within } = this.#terms;
    const blocked = this.#blocked.about(at, key, within) + 1;
    if (blocked > Math.min(clients, MAX_BLOCKED)) {
      const standing = this.#standing(at);
      const isTooMany = blocked > share * standing || blocked > MAX_BLOCKED;
      if (isTooMany) {
        this.#begin({ at, ip: key, blocked, standing });
        this.#onTurn({ state: 'open', at, ip: key, blocked, standing });
        return true;
      }
    }
    this.#blocked.add(key, at, within);
    return false;
  }

  /** Closes it where it had to spare nobody for an hour before `now` (ms). */
  settle(now: number): void {
    const end = this.#lastSpared + QUIET;
    if (this.#opening !== undefined && now >= end) this.#close(end, 'expired');
  }

  /**
   * Closes it. What happened before `now` (ms) is judged as while it was open, whenever it is read.
   * @returns false where it was not open
   */
  close(now: number, reason: CloseReason, hand?: ManualAction): boolean {
    if (this.#opening === undefined) return false;
    // The stamps of the log may be ahead of the clock.
    this.#close(Math.max(now, this.#lastSpared + 1), reason, hand);
    return true;
  }

  /** Brings back to `now` (ms) what lies later than `last` (ms), because the clock was wrong and was set back. */
  bringBack(now: number, last: number): void {
    if (this.#opening !== undefined && this.#opening.at > last) this.#opening = { ...this.#opening, at: now };
    if (this.#openedAt > last) this.#openedAt = now;
    if (this.#lastSpared > last) this.#lastSpared = now;
    if (this.#closedAt > last) this.#closedAt = now;
    this.#blocked.bringBack(now, last);
  }

  /** Replays a block of a client in good standing that the audit trail holds. */
  redoBlock(key: string, at: number): void {
    if (this.#opening === undefined && at >= this.#closedAt)
      this.#blocked.add(key, at, this.#terms?.within ?? 0);
  }

  /** Replays a line of the audit trail; one that the snapshot includes changes nothing. */
  redoTurn({ state, at, ip, blocked, standing }: BreakerTurn): void {
    if (state === 'open' && this.#opening === undefined && at >= this.#closedAt) {
      this.#begin({ at, ip, blocked, standing });
    } else if (state === 'closed') {
      if (this.#opening !== undefined && at > this.#opening.at) this.#opening = undefined;
      if (at > this.#closedAt) this.#setClosed(at);
    }
  }

  /** Takes a turn that another host made. @returns whether it changed anything */
  joinTurn(turn: BreakerTurn): boolean {
    const [opening, closedAt] = [this.#opening, this.#closedAt];
    if (this.#terms !== undefined || turn.state === 'closed') this.redoTurn(turn);
    return this.#opening !== opening || this.#closedAt !== closedAt;
  }

  /** Replays that a client was spared by the breaker. */
  redoSpared(at: number): void {
    if (this.#opening !== undefined) this.#lastSpared = Math.max(this.#lastSpared, at);
  }

  /** Its form in a snapshot; undefined where it has nothing to keep. */
  get saved(): SavedBreaker | undefined {
    const blocked = this.#blocked.all.map(([key, at]) => [key, isoText(at)] as const);
    const opening = this.#opening;
    const open = opening && { ...opening, at: isoText(opening.at), lastSpared: isoText(this.#lastSpared) };
    const closed = this.#closedAt > 0 ? isoText(this.#closedAt) : undefined;
    if (blocked.length === 0 && open === undefined && closed === undefined) return undefined;
    return { blocked, ...(open && { open }), ...(closed && { closed }) };
  }

  /** Takes what a snapshot held. */
  load({ blocked, open, closed }: SavedBreaker): void {
    this.clear();
    for (const [key, at] of blocked) this.#blocked.load(key, isoTime(at));
    if (closed !== undefined) this.#closedAt = isoTime(closed);
    if (open === undefined) return;
    const { lastSpared, ...opening } = open;
    this.#begin({ ...opening, at: isoTime(opening.at) });
    this.#lastSpared = isoTime(lastSpared);
  }

  clear(): void {
    this.#blocked.clear();
    this.#opening = undefined;
    this.#openedAt = 0;
    this.#lastSpared = 0;
    this.#closedAt = 0;
  }

  #begin(opening: Opening): void {
    this.#opening = opening;
    this.#openedAt = opening.at;
    // Blocks may be stamped later than the late event that opened it.
    this.#lastSpared = Math.max(opening.at, this.#blocked.newest ?? 0);
    this.#blocked.clear();
  }

  #close(at: number, reason: CloseReason, hand?: ManualAction): void {
    const { standing = 0 } = this.#opening ?? {};
    this.#opening = undefined;
    this.#setClosed(at);
    this.#onTurn({ state: 'closed', at, ip: '', blocked: 0, standing, reason, hand });
  }

  /** Blocks from before it closed do not open it again. */
  #setClosed(closedAt: number): void {
    this.#closedAt = closedAt;
    this.#blocked.removeBefore(closedAt);
  }
}
