// The oracle: which clients must be blocked, since when, and what must be counted, computed simply from all events.

export interface OracleRule {
  readonly name: string;
  readonly counts: string;
  readonly limit: number;
  /** ms */
  readonly within: number;
  /** ms */
  readonly blockFor: number;
  /** 0 to 1; of recipients, or of users that only failed */
  readonly share?: number;
  readonly forgive?: 'login';
}

export interface OracleBlock {
  readonly rule: string;
  readonly since: number;
  readonly until: number;
  /** by hand, or by an allow entry, before it expired */
  ended?: { readonly at: number; readonly reason: string };
}

/** A manual action on a client, with its time in the audit trail. */
export interface OracleAction {
  readonly what: 'block' | 'lift' | 'grace' | 'allow' | 'disallow';
  readonly at: number;
  /** of a block, a grace or an allow entry */
  readonly until: number;
  readonly rule: string;
}

interface OracleEvent {
  readonly kind: string;
  readonly at: number;
  /** of a login, failed or not; empty where it is not logged */
  readonly user: string;
}

/** ms after which all lines logged before an action have been read, even if the daemon was killed meanwhile */
const READ = 60_000;

export class Oracle {
  readonly rules: readonly OracleRule[];
  readonly #events = new Map<string, OracleEvent[]>();
  readonly #acts = new Map<string, readonly OracleAction[]>();
  #isInTrail: (ip: string, rule: string, since: number) => boolean = () => true;
  /** Number of events. */
  events = 0;

  constructor(rules: readonly OracleRule[]) {
    this.rules = rules;
  }

  get ips(): string[] {
    return [...this.#events.keys()];
  }

  /** In order of time. */
  take(ip: string, kind: string, at: number, user = ''): void {
    this.events++;
    const events = this.#events.get(ip) ?? [];
    events.push({ kind, at, user });
    this.#events.set(ip, events);
  }

  /**
   * Takes a manual action on a client.
   *
   * @param isInTrail whether a block is in the trail: a block whose lines were not read before the action never starts
   */
  acted(
    ip: string,
    acts: readonly OracleAction[],
    isInTrail: (ip: string, rule: string, since: number) => boolean,
  ) {
    this.#events.set(ip, this.#events.get(ip) ?? []);
    this.#acts.set(ip, acts);
    this.#isInTrail = isInTrail;
  }

  accountOf(ip: string): Account {
    const account = new Account(this.rules, this.#acts.get(ip) ?? [], (rule, since) =>
      this.#isInTrail(ip, rule, since),
    );
    account.run(this.#events.get(ip) ?? []);
    return account;
  }

  blocksOf(ip: string): readonly OracleBlock[] {
    return this.accountOf(ip).blocks;
  }

  /** Blocks that have started, of all clients. */
  get blocks(): number {
    return this.ips.reduce((sum, ip) => sum + this.blocksOf(ip).length, 0);
  }
}

/** The history of one client. */
export class Account {
  readonly blocks: OracleBlock[] = [];
  /** contradictions */
  readonly mistakes: string[] = [];
  readonly #rules: readonly OracleRule[];
  readonly #acts: readonly OracleAction[];
  readonly #isInTrail: (rule: string, since: number) => boolean;
  #counts = new Map<string, OracleEvent[]>();
  readonly #logins = new Map<string, number>();
  #accepted: number[] = [];
  /** names of rules whose limit was reached and whose share was not */
  #spared = new Set<string>();
  #floor = 0;
  #grace = 0;

  constructor(
    rules: readonly OracleRule[],
    acts: readonly OracleAction[],
    isInTrail: (rule: string, since: number) => boolean,
  ) {
    this.#rules = rules;
    this.#acts = acts;
    this.#isInTrail = isInTrail;
  }

  run(events: readonly OracleEvent[]): void {
    let next = 0;
    for (const event of events) {
      while ((this.#acts[next]?.at ?? Number.POSITIVE_INFINITY) <= event.at) this.#act(this.#acts[next++]);
      this.#take(event);
    }
    while (next < this.#acts.length) this.#act(this.#acts[next++]);
  }

  /** ISO 8601 times by kind; none while the client is blocked at `now`. */
  get counts(): Readonly<Record<string, readonly string[]>> {
    const kept = ([kind, events]: [string, OracleEvent[]]) => {
      const { name = '', limit = 0, share } = this.#rules.find(({ counts }) => counts === kind) ?? {};
      const isWhole = this.#spared.has(name) || (share !== undefined && this.#grace > 0);
      return [kind, events.slice(isWhole ? 0 : -limit).map(({ at }) => iso(at))] as const;
    };
    return Object.fromEntries([...this.#counts].filter(([, events]) => events.length > 0).map(kept));
  }

  isAllowed(at: number): boolean {
    const last = this.#acts.findLast(({ what }) => what === 'allow' || what === 'disallow');
    return last?.what === 'allow' && at < last.until;
  }

  #take(event: OracleEvent): void {
    const { kind, at, user } = event;
    if (kind === 'login') this.#login(user, at);
    if (kind === 'accepted-message') this.#accepted.push(at);
    if (kind === 'login' || kind === 'accepted-message') return;
    if (this.#runsAt(at) || at < this.#floor || this.#wasAllowed(at)) return;
    const rule = this.#rules.find(({ counts }) => counts === kind);
    if (rule?.forgive !== undefined && user !== '' && this.#logins.get(user) === at) return;
    const events = [...(this.#counts.get(kind) ?? []), event];
    this.#counts.set(kind, events);
    if (rule === undefined || at < this.#grace) return;
    const recent = events.filter((one) => at - one.at < rule.within);
    if (recent.length < rule.limit) return;
    if (!this.#isShareMet(rule, recent)) {
      this.#spared.add(rule.name);
      return;
    }
    if (this.#wasForestalled(rule, at)) return;
    this.#begin({ rule: rule.name, since: at, until: at + rule.blockFor });
  }

  /** Takes back the failures of the user. */
  #login(user: string, at: number): void {
    this.#logins.set(user, at);
    for (const { counts, forgive } of this.#rules) {
      const events = this.#counts.get(counts);
      if (forgive === undefined || events === undefined) continue;
      this.#counts.set(
        counts,
        events.filter((event) => event.user !== user),
      );
    }
  }

  #isShareMet({ counts, share = 0 }: OracleRule, recent: readonly OracleEvent[]): boolean {
    if (counts !== 'auth-failure') {
      const last = this.blocks.at(-1);
      const from = Math.max(this.#floor, last === undefined ? 0 : (last.ended?.at ?? last.until));
      const good = this.#accepted.filter((at) => at >= from).length;
      return recent.length >= share * (recent.length + good) - 1e-9;
    }
    const failed = recent.filter(({ user }) => !this.#logins.has(user));
    const named = new Set(failed.flatMap(({ user }) => (user === '' ? [] : user)));
    const bad = named.size + failed.filter(({ user }) => user === '').length;
    return bad >= share * (bad + this.#logins.size) - 1e-9;
  }

  /** Whether a manual action came before the lines were read that would have started a block. */
  #wasForestalled({ name }: OracleRule, since: number): boolean {
    if (this.#isInTrail(name, since)) return false;
    const [act] = this.#acts.filter(({ what, at }) => at >= since && what !== 'disallow');
    if (act === undefined || act.what === 'lift' || act.at > since + READ) return false;
    if (act.what === 'allow') this.#ignoreBefore(act.at);
    return true;
  }

  #act(act: OracleAction | undefined): void {
    if (act === undefined) return;
    const { what, at, until, rule } = act;
    const running = this.#runsAt(at) ? this.blocks.at(-1) : undefined;
    if (what === 'grace') this.#grace = until;
    else if (what === 'block') {
      if (running !== undefined) this.mistakes.push(`blocked again at ${iso(at)}`);
      this.#begin({ rule, since: at, until });
    } else if (what === 'lift') {
      if (running === undefined) this.mistakes.push(`lifted at ${iso(at)}, when no block stood`);
      else this.#end(running, at, 'lifted');
      this.#ignoreBefore(at + 1);
    } else if (what === 'allow' && running !== undefined) this.#end(running, at, 'allow-listed');
  }

  #begin(block: OracleBlock): void {
    this.blocks.push(block);
    this.#counts = new Map();
    this.#spared.clear();
  }

  #end(block: OracleBlock, at: number, reason: string): void {
    block.ended = { at, reason };
    this.#ignoreBefore(at);
  }

  #ignoreBefore(at: number): void {
    this.#floor = at;
    this.#counts = new Map();
    this.#spared.clear();
  }

  #runsAt(at: number): boolean {
    const last = this.blocks.at(-1);
    return last !== undefined && at < (last.ended?.at ?? last.until);
  }

  /** By an entry in force at that time. */
  #wasAllowed(at: number): boolean {
    const last = this.#acts.findLast(
      (act) => act.at < at && (act.what === 'allow' || act.what === 'disallow'),
    );
    return last?.what === 'allow' && at < last.until;
  }
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** IPv6 counts by /64; the tests write their addresses so that this is enough. */
export function keyOf(ip: string): string {
  return ip.includes(':') ? `${ip.slice(0, ip.indexOf('::'))}::/64` : ip;
}
