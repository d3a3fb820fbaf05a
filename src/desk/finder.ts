// Finds clients by text or network, and says what each of them is now. Changes nothing; now is a parameter.

import type { Blocks } from '../blocks/blocks.ts';
import type { ClientView } from '../blocks/table/table-view.ts';
import type { Trouble } from '../health/status.ts';
import { isoText } from '../values/iso-time.ts';
import type { FindAnswer, FoundByHost, FoundClient } from './find/answer.ts';
import type { Needle } from './find/needle.ts';
import type { Found } from './find/newest.ts';
import { search, searchOwn } from './find/search.ts';
import type { TrailRest, TrailSearch } from './find/trail-search.ts';
import type { Turn, Turns } from './find/turns.ts';
import { sparedOf, unknownClient } from './spared.ts';

export interface FinderContext {
  /** Looks through the audit trail. @returns what was not searched; undefined where all was */
  searchTrail(search: TrailSearch): Promise<TrailRest | undefined>;
  readonly turns: Turns;
  /** The troubles of the daemon, where one is running. */
  trouble?(): readonly Trouble[];
}

type State = Pick<FoundClient, 'state' | 'rule' | 'until'>;

export class Finder {
  readonly #blocks: Blocks;
  readonly #context: FinderContext;

  constructor(blocks: Blocks, context: FinderContext) {
    this.#blocks = blocks;
    this.#context = context;
  }

  /**
   * @param limit of the clients in the answer
   * @param now ms since 1970
   */
  async find(needle: Needle, limit: number, now: number): Promise<FindAnswer> {
    const { searchTrail, turns, trouble } = this.#context;
    const turn = turns.begin();
    const { found, isMore, leftOut } = await search(this.#blocks, needle, { searchTrail, turn, now, limit });
    return {
      at: isoText(now),
      source: 'daemon',
      trouble: trouble?.() ?? [],
      sought: needle.sought,
      isNetwork: needle.network !== undefined,
      found: this.#clientsOf(found, now),
      isMore,
      leftOut,
    };
  }

  /** What only this host knows: see FoundByHost. The parameters are as for `find`. */
  async findOwn(needle: Needle, limit: number, turn: Turn, now: number): Promise<Omit<FoundByHost, 'host'>> {
    const { found, ...rest } = await searchOwn(this.#blocks, needle, { turn, now, limit });
    return { found: this.#clientsOf(found, now), ...rest };
  }

  #clientsOf(found: readonly Found[], now: number): readonly FoundClient[] {
    return found.map(({ ip, matches, newest }) => ({ ip, ...this.#stateOf(ip, now), matches, newest }));
  }

  /** @param key of a client, or the network of an allow entry */
  #stateOf(key: string, now: number): State {
    const { terms, allowEntries, table } = this.#blocks;
    const [entry = ''] = allowEntries.list.entriesOverKey(key);
    const byHand = allowEntries.entryOf(key) ?? allowEntries.entryOf(entry);
    if (byHand !== undefined) return { state: 'allowed', rule: null, until: isoText(byHand.until) };
    if (terms.allow.coversKey(key)) return { state: 'allowed', rule: null, until: null };
    return this.#stateOfClient(table.get(key) ?? unknownClient(key), now);
  }

  #stateOfClient(client: ClientView, now: number): State {
    const { block, watches = [], grace } = client;
    if (block !== undefined && now < block.until)
      return { state: 'blocked', rule: block.rule, until: isoText(block.until) };
    if (now < grace) return { state: 'grace', rule: null, until: isoText(grace) };
    const spared = sparedOf(this.#blocks, client, now).find(({ enforced }) => enforced);
    if (spared !== undefined) return { state: 'spared', rule: spared.rule, until: null };
    const watch = watches.find(({ ended, until }) => !ended && now < until);
    if (watch !== undefined) return { state: 'watched', rule: watch.rule, until: isoText(watch.until) };
    return { state: 'none', rule: null, until: null };
  }
}
