// Who must be blocked, since when, and what must be counted: worked out plainly, from all that was done.

export interface OracleRule {
  readonly name: string;
  readonly counts: string;
  readonly limit: number;
  /** ms */
  readonly within: number;
  /** ms */
  readonly blockFor: number;
}

export interface OracleBlock {
  readonly rule: string;
  readonly since: number;
  readonly until: number;
}

interface Client {
  /** times of what counts now, by kind */
  counts: Map<string, number[]>;
  readonly blocks: OracleBlock[];
}

export class Oracle {
  readonly #rules: readonly OracleRule[];
  readonly #clients = new Map<string, Client>();
  /** Events that were done. */
  events = 0;

  constructor(rules: readonly OracleRule[]) {
    this.#rules = rules;
  }

  get ips(): string[] {
    return [...this.#clients.keys()];
  }

  /** In order of time. */
  take(ip: string, kind: string, at: number): void {
    this.events++;
    const client = this.#client(ip);
    const last = client.blocks.at(-1);
    if (last !== undefined && at < last.until) return;
    const times = [...(client.counts.get(kind) ?? []), at];
    client.counts.set(kind, times);
    const rule = this.#rules.find(({ counts }) => counts === kind);
    if (rule === undefined) return;
    const recent = times.filter((time) => at - time < rule.within);
    if (recent.length < rule.limit) return;
    client.blocks.push({ rule: rule.name, since: at, until: at + rule.blockFor });
    client.counts = new Map();
  }

  blocksOf(ip: string): readonly OracleBlock[] {
    return this.#client(ip).blocks;
  }

  /** ISO 8601 times by kind; none while the client is blocked at `now`. */
  countsOf(ip: string): Readonly<Record<string, readonly string[]>> {
    const entries = [...this.#client(ip).counts].map(([kind, times]) => [kind, times.map(iso)] as const);
    return Object.fromEntries(entries);
  }

  /** Blocks that began, of all clients. */
  get blocks(): number {
    return [...this.#clients.values()].reduce((sum, { blocks }) => sum + blocks.length, 0);
  }

  #client(ip: string): Client {
    const known = this.#clients.get(ip) ?? { counts: new Map(), blocks: [] };
    this.#clients.set(ip, known);
    return known;
  }
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
