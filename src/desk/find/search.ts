// The search through all that is known of clients, in steps that a verdict can wait for. Changes nothing.

import type { Blocks } from '../../blocks/blocks.ts';
import type { ClientView } from '../../blocks/table/table-view.ts';
import { type LeftOut, OWN_PLACES } from './answer.ts';
import { matchesInHand, matchesOf, wholeMatch } from './client-matches.ts';
import type { Needle } from './needle.ts';
import { type Found, Newest } from './newest.ts';
import { matchesOfEntry, mayMatch } from './trail-matches.ts';
import type { TrailRest, TrailSearch } from './trail-search.ts';
import type { Turn } from './turns.ts';

/** Work of a step: so many clients, or so many times 64 bytes of their notes, take about a millisecond. */
const STEP = 1000;
const NOTE_BYTES = 64;

/** The places, as a set of any texts. */
const OWN: ReadonlySet<string> = new Set(OWN_PLACES);

export interface OwnSearchContext {
  readonly turn: Turn;
  /** ms since 1970 */
  readonly now: number;
  /** of the clients that are wanted */
  readonly limit: number;
}

export interface SearchContext extends OwnSearchContext {
  searchTrail(search: TrailSearch): Promise<TrailRest | undefined>;
}

export interface SearchResult {
  readonly found: readonly Found[];
  readonly isMore: boolean;
  readonly leftOut: readonly LeftOut[];
}

export async function search(blocks: Blocks, needle: Needle, context: SearchContext): Promise<SearchResult> {
  const { searchTrail, turn, now, limit } = context;
  const newest = new Newest(limit);
  const leftOut: LeftOut[] = [];
  addAllowEntries(blocks, needle, newest);
  const take = (client: ClientView) => {
    for (const match of matchesOf(client, needle, now)) newest.add(client.key, match);
  };
  if (!(await searchClients(blocks, take, turn))) leftOut.push({ what: 'clients', why: 'time' });
  const why = await searchTrail({
    isWanted: (line) => mayMatch(line, needle),
    take: (entry) => {
      for (const match of matchesOfEntry(entry, needle)) newest.add(entry.ip, match);
    },
    next: () => turn.next(),
  });
  if (why !== undefined) leftOut.push({ what: 'audit-trail', why });
  return { found: newest.all, isMore: newest.isMore, leftOut };
}

/** The clients of whose evidence, refused mail or watched blocks something matches: other hosts have only their own. */
export async function searchOwn(
  blocks: Blocks,
  needle: Needle,
  { turn, now, limit }: OwnSearchContext,
): Promise<Omit<SearchResult, 'leftOut'> & { readonly isComplete: boolean }> {
  const newest = new Newest(limit);
  const take = (client: ClientView) => {
    for (const match of matchesOf(client, needle, now))
      if (OWN.has(match.place)) newest.add(client.key, match);
  };
  const isComplete = await searchClients(blocks, take, turn);
  return { found: newest.all, isMore: newest.isMore, isComplete };
}

/** @returns false where the time was over before */
async function searchClients(
  { table }: Blocks,
  take: (client: ClientView) => void,
  turn: Turn,
): Promise<boolean> {
  let left = STEP;
  // Blocks first: what may be left out is of less interest.
  for (const isPinned of [true, false]) {
    for (const client of table.search(isPinned)) {
      if (left <= 0) {
        if (!(await turn.next())) return false;
        left = STEP;
      }
      const isWanted = !client.isOnlyCounted && isPinned === (table.pinnedRecord(client.key) !== undefined);
      left -= isWanted ? 1 + client.noteBytes / NOTE_BYTES : 1;
      if (isWanted) take(client);
    }
  }
  return true;
}

function addAllowEntries({ allowEntries }: Blocks, needle: Needle, newest: Newest): void {
  for (const { entry, at, hand } of allowEntries.all) {
    const origin = { at, place: 'allow-entry' } as const;
    if (needle.meets(entry)) newest.add(entry, wholeMatch(origin, entry));
    else for (const match of matchesInHand(hand, origin, needle)) newest.add(entry, match);
  }
}
