// Questions to all hosts: which of them have taken up a change, and what each has seen of a client.

import { jsonIn } from '../values/json.ts';
import type { PublishedAt } from './publisher.ts';
import { COMMON, type HostReport, type SharedStore } from './shared-store.ts';

/** ms for which an answer is waited for: a command waits no longer than three seconds */
const PATIENCE = 800;
/** ms for which a host is expected to answer after its last report */
const ALIVE = 15_000;

/** Who has answered, and who has not. */
export interface Gathered {
  readonly asked: readonly string[];
  readonly answers: ReadonlyMap<string, unknown>;
  readonly missing: readonly string[];
  /** what all hosts report that share now, this one too */
  readonly reports: readonly HostReport[];
}

export interface GatheringParts extends Pick<SharedStore, 'ask' | 'hosts'> {
  readonly host: string;
  /** Answers a question of another host. */
  answer(question: unknown): Promise<unknown>;
  /** Resolves when an entry of a stream is applied. */
  isApplied(shard: number, id: string): Promise<void>;
}

type Question =
  | { readonly type: 'applied'; readonly entries: readonly PublishedAt[] }
  | { readonly type: 'asked'; readonly question: unknown };

export class Gathering {
  readonly #parts: GatheringParts;

  constructor(parts: GatheringParts) {
    this.#parts = parts;
  }

  /** The hosts that have reported within the last week. */
  hosts(): Promise<readonly HostReport[]> {
    return this.#parts.hosts();
  }

  /** Which hosts have applied these entries of streams. */
  async confirmed(entries: readonly PublishedAt[]): Promise<Gathered> {
    return await this.#ask({ type: 'applied', entries: newestOf(entries) });
  }

  /** What each other host answers. */
  async ask(question: unknown): Promise<Gathered> {
    return await this.#ask({ type: 'asked', question });
  }

  /** Another host asks. */
  asked(text: string, reply: (answer: string) => void): void {
    const answer = this.#answer(jsonIn(text));
    // Who asks knows by its silence that this host cannot say.
    answer.then((value) => value !== undefined && reply(JSON.stringify(value))).catch(() => undefined);
  }

  async #ask(question: Question): Promise<Gathered> {
    const hosts = await this.#parts.hosts();
    const newest = Math.max(0, ...hosts.map(({ seen }) => seen));
    const reports = hosts.filter(({ seen }) => newest - seen < ALIVE);
    const asked = reports.map(({ host }) => host).filter((host) => host !== this.#parts.host);
    const texts = await this.#parts.ask(JSON.stringify(question), PATIENCE, new Set(asked));
    const answers = new Map([...texts].map(([host, text]) => [host, jsonIn(text)]));
    return { asked, answers, missing: asked.filter((host) => !answers.has(host)), reports };
  }

  async #answer(question: unknown): Promise<unknown> {
    const { type, entries, question: inner } = (question ?? {}) as Readonly<Record<string, unknown>>;
    if (type === 'asked') return await this.#parts.answer(inner);
    if (type !== 'applied' || !Array.isArray(entries)) return undefined;
    for (const entry of entries) {
      const { shard, id } = (entry ?? {}) as Readonly<Record<string, unknown>>;
      if (!isShard(shard) || typeof id !== 'string') return undefined;
      await this.#parts.isApplied(shard, id);
    }
    return true;
  }
}

function isShard(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= COMMON;
}

/** Of each shard the last: who has applied that has applied those before. */
function newestOf(entries: readonly PublishedAt[]): readonly PublishedAt[] {
  return [...new Map(entries.map((entry) => [entry.shard, entry])).values()];
}
