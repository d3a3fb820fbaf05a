// The logins at one host: whether they fail because its user database is down, judged by clients known to log in.

import { DAY, MINUTE } from '../values/duration.ts';
import { failedUserHash } from './login-user.ts';

/**
 * The client gets 535 and Postfix logs the same, whether a password is wrong or the database is down. Only the clients
 * that fail show the difference. A client is known if it logged in within a week and seldom fails. Logins fail when at
 * least 4 users of known clients began to fail within half an hour, more than logged in meanwhile, and that for a
 * minute: nearly all who tried were refused. They work again when 4 times as many users log in as still fail.
 *
 * A client that guesses passwords is not known, whatever the number of its addresses, and does not keep others from
 * logging in. To be spared, an attacker would need as many working accounts as there are users that log in, each at an
 * address of its own.
 */
export const FAILING = 4;
const BEGUN_WITHIN = 30 * MINUTE;
const FOR = MINUTE;
const RECOVERED = 4;
const LATELY = 10 * MINUTE;
const KNOWN = 7 * DAY;
/**
 * Failures followed by a login, within a day, after which a client is no longer known: some device there has an old
 * password. A single one is a slip.
 */
const FALLS = 3;
/** The clients that logged in, or began to fail, last: they are the first to try again. */
export const MAX_CLIENTS = 500;
const MAX_USERS = 8;
/** ms between two checks that only more failures of the same clients cause */
const LOOK = 10_000;

/** A client that logged in. Times in ms since 1970, 0 for never. */
interface Known {
  /** hashes of its users, the newest last */
  readonly users: readonly number[];
  readonly good: number;
  /** when it began to fail after its last login, and which user */
  readonly since: number;
  readonly failing: number;
  readonly bad: number;
  /** failures that were followed by a login, in the day that began at `fell` */
  readonly falls: number;
  readonly fell: number;
}

/** The form in a snapshot: for each client its users, and the other fields in their order. */
export interface HostLoginsState {
  readonly failingSince: number;
  readonly overAt: number;
  readonly known: readonly (readonly [client: string, users: readonly number[], more: readonly number[]])[];
}

const STRANGER: Known = { users: [], good: 0, since: 0, failing: 0, bad: 0, falls: 0, fell: 0 };

export class HostLogins {
  readonly #known = new Map<string, Known>();
  /** those of them that fail now */
  #failing = 0;
  #failingSince = 0;
  #overAt = 0;
  #lookedAt = 0;

  /** ms since 1970, 0 while logins work */
  get failingSince(): number {
    return this.#failingSince;
  }

  get state(): HostLoginsState {
    const known = [...this.#known].map(([client, { users, good, since, failing, bad, falls, fell }]) => {
      return [client, users, [good, since, failing, bad, falls, fell]] as const;
    });
    return { failingSince: this.#failingSince, overAt: this.#overAt, known };
  }

  /** @param client address or network; @param at ms since 1970; @param user a hash of the name */
  succeeded(client: string, at: number, user: number): void {
    const known = this.#known.get(client) ?? STRANGER;
    const { falls, fell } = known.since === 0 ? known : this.#fallen(known, at);
    const users = withNewest(known.users, user);
    this.#put(client, { users, good: at, since: 0, failing: 0, bad: 0, falls, fell });
    if (this.#failingSince > 0 && this.#isOver(at)) this.#end(at);
  }

  /**
   * @param message of the log; it names the user from Postfix 3.9 on, where the server knows it
   * @returns whether logins fail because the database is down
   */
  failed(client: string, at: number, message: string): boolean {
    const known = this.#known.get(client);
    // Most failures are of clients that never logged in.
    if (known !== undefined && isWithin(KNOWN, at, known.good))
      this.#fail(client, known, at, failedUserHash(message));
    return this.#failingSince > 0;
  }

  /** Restores a state. Of a damaged one, only the valid parts are used. */
  restore(state: unknown): void {
    const { failingSince, overAt, known } = (state ?? {}) as Readonly<Record<string, unknown>>;
    this.#failingSince = isTime(failingSince) ? failingSince : 0;
    this.#overAt = isTime(overAt) ? overAt : 0;
    for (const entry of Array.isArray(known) ? known.filter(isKnown) : []) {
      const [client, users, [good = 0, since = 0, failing = 0, bad = 0, falls = 0, fell = 0]] = entry;
      this.#put(client, { users, good, since, failing, bad, falls, fell });
    }
  }

  #fail(client: string, known: Known, at: number, user: number | undefined): void {
    const own = user ?? known.users.at(-1) ?? 0;
    // Another user at its address, such as a guest, or a program that guesses.
    if (!known.users.includes(own)) return;
    const { users, good, falls, fell } = known;
    if (known.since > 0) this.#known.set(client, { ...known, bad: at });
    else this.#put(client, { users, good, since: at, failing: own, bad: at, falls, fell });
    if (this.#failingSince > 0 || this.#failing < FAILING) return;
    if (known.since > 0 && isWithin(LOOK, at, this.#lookedAt)) return;
    this.#lookedAt = at;
    if (this.#hasBegun(at)) this.#failingSince = at;
  }

  /** Makes it the last one to be evicted. */
  #put(client: string, known: Known): void {
    this.#delete(client);
    this.#known.set(client, known);
    if (known.since > 0) this.#failing++;
    if (this.#known.size <= MAX_CLIENTS) return;
    for (const oldest of this.#known.keys()) {
      this.#delete(oldest);
      return;
    }
  }

  #delete(client: string): void {
    const known = this.#known.get(client);
    if (known === undefined) return;
    if (known.since > 0) this.#failing--;
    this.#known.delete(client);
  }

  /** A client that failed has logged in. If the database is back, that is expected. */
  #fallen({ falls, fell }: Known, at: number): Pick<Known, 'falls' | 'fell'> {
    if (this.#failingSince > 0) return { falls, fell };
    return isWithin(DAY, at, fell) ? { falls: falls + 1, fell } : { falls: 1, fell: at };
  }

  /**
   * A client that gave up counts as if it had not failed: its next failure may belong to the next outage. A client that
   * still fails has a reason of its own.
   */
  #end(at: number): void {
    this.#failingSince = 0;
    this.#overAt = at;
    for (const [client, known] of this.#known)
      if (known.since > 0 && !isWithin(LATELY, at, known.bad)) {
        this.#known.set(client, { ...known, since: 0, failing: 0, bad: 0 });
        this.#failing--;
      }
  }

  #hasBegun(at: number): boolean {
    const begun: (readonly [time: number, user: number])[] = [];
    const good: (readonly [time: number, user: number])[] = [];
    for (const known of this.#known.values()) {
      const { since, failing, users } = known;
      if (since === 0) good.push([known.good, users.at(-1) ?? 0]);
      else if (since > this.#overAt && isWithin(BEGUN_WITHIN, at, since) && !isDoubtful(known, at))
        begun.push([since, failing]);
    }
    const failing = new Set<number>();
    const working = new Set<number>();
    const newest = good.sort(byTime);
    let place = 0;
    for (const [since, user] of begun.sort(byTime)) {
      failing.add(user);
      for (let next = newest[place]; next !== undefined && next[0] >= since; next = newest[++place])
        working.add(next[1]);
      if (at - since >= FOR && failing.size >= FAILING && failing.size > working.size) return true;
    }
    return false;
  }

  #isOver(at: number): boolean {
    const failing = new Set<number>();
    const working = new Set<number>();
    for (const known of this.#known.values()) {
      const { since, good, bad, users } = known;
      if (since === 0) {
        if (good >= this.#failingSince && isWithin(LATELY, at, good)) working.add(users.at(-1) ?? 0);
      } else if (
        isWithin(LATELY, at, bad) &&
        isWithin(BEGUN_WITHIN, Math.min(since, this.#failingSince), this.#failingSince)
      ) {
        if (!isDoubtful(known, at)) failing.add(known.failing);
      }
    }
    return working.size >= RECOVERED * failing.size;
  }
}

function withNewest(users: readonly number[], user: number): readonly number[] {
  if (users[users.length - 1] === user) return users;
  return [...users.filter((other) => other !== user), user].slice(-MAX_USERS);
}

function isDoubtful({ falls, fell }: Known, at: number): boolean {
  return falls >= FALLS && isWithin(DAY, at, fell);
}

/** The distance of two times: the clock may be set back. */
function isWithin(span: number, at: number, then: number): boolean {
  return Math.abs(at - then) <= span;
}

function byTime(a: readonly [number, number], b: readonly [number, number]): number {
  return b[0] - a[0];
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isKnown(entry: unknown): entry is HostLoginsState['known'][number] {
  if (!Array.isArray(entry)) return false;
  const [client, users, more] = entry as readonly unknown[];
  const isNumbers = (value: unknown) => Array.isArray(value) && value.every(isTime);
  return typeof client === 'string' && isNumbers(users) && isNumbers(more);
}
