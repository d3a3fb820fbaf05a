// The matches of one client: in its blocks, its evidence and the mail that its blocks refused.

import { classOfCode } from '../../blocks/events/codes.ts';
import type { Detail } from '../../blocks/events/event.ts';
import type { ManualAction } from '../../blocks/table/block.ts';
import type { Note } from '../../blocks/table/note-cells.ts';
import type { BlockView, ClientView, NotesView } from '../../blocks/table/table-view.ts';
import { clientAt } from '../../maillog/postfix/client.ts';
import { clientKey } from '../../values/address.ts';
import { isoText } from '../../values/iso-time.ts';
import type { FoundField, FoundMatch, FoundPlace } from './answer.ts';
import { excerpt, type Needle } from './needle.ts';

/** Where a text stands. */
export interface MatchOrigin {
  /** ms since 1970 */
  readonly at: number;
  readonly place: FoundPlace;
  readonly event?: string | null;
}

type Texts = readonly (readonly [field: FoundField, text: string | undefined])[];

/**
 * @param needle that covers the client finds all that is known of it
 * @param now ms since 1970; a block that has ended by then is not found
 */
export function* matchesOf(client: ClientView, needle: Needle, now: number): Generator<FoundMatch> {
  const { key, block, watches = [], evidence, spared = [], grace, graceAt } = client;
  const whole = needle.coversKey(key) ? key : undefined;
  if (block !== undefined && now < block.until) {
    if (whole !== undefined) yield wholeMatch({ at: block.since, place: 'block' }, whole);
    yield* matchesInBlock(block, 'block', needle, whole);
  }
  for (const watch of watches) {
    if (watch.ended || now >= watch.until) continue;
    if (whole !== undefined) yield wholeMatch({ at: watch.since, place: 'watched-block' }, whole);
    yield* matchesInBlock(watch, 'watched-block', needle, whole);
  }
  yield* matchesIn(evidence, 'evidence', needle, whole);
  if (whole === undefined) return;
  for (const { last } of spared) yield wholeMatch({ at: last, place: 'spared' }, whole);
  if (grace > now) yield wholeMatch({ at: graceAt, place: 'grace' }, whole);
}

/** The matches in what a person wrote. */
export function* matchesInHand(
  hand: ManualAction | undefined,
  origin: MatchOrigin,
  needle: Needle,
): Generator<FoundMatch> {
  const texts: Texts = [
    ['reason', hand?.why],
    ['by', hand?.by],
  ];
  yield* firstMatch(texts, origin, needle);
}

/** The match of a client that is looked for itself. */
export function wholeMatch(origin: MatchOrigin, key: string): FoundMatch {
  return matchOf(origin, 'ip', key);
}

function* matchesInBlock(
  block: BlockView,
  place: FoundPlace,
  needle: Needle,
  whole: string | undefined,
): Generator<FoundMatch> {
  const origin = { at: block.since, place };
  yield* matchesInHand(block.hand, origin, needle);
  yield* firstMatch([['name', block.name]], origin, needle);
  yield* matchesIn(block.evidence, 'evidence', needle, whole);
  yield* matchesIn(block.mails, 'refused-mail', needle, whole);
}

function* matchesIn(
  notes: NotesView | undefined,
  place: FoundPlace,
  needle: Needle,
  whole: string | undefined,
): Generator<FoundMatch> {
  for (const note of notes ?? []) {
    const origin = { at: note.at, place };
    if (whole !== undefined) yield firstText(textsOf(note), origin, whole);
    else if (needle.mayBeIn(note.text)) yield* firstMatch(textsOf(note), origin, needle);
  }
}

/** The texts of a note, the most telling first. */
function textsOf({ code, text }: Note): Texts {
  const { user, sender, recipient, helo, line } = JSON.parse(text) as Partial<Detail>;
  return [
    ['user', user],
    ['sender', sender],
    ['recipient', recipient],
    ['name', line === undefined || classOfCode(code) === 'content' ? undefined : nameIn(line)],
    ['helo', helo],
  ];
}

/**
 * The client's name in a log line: Postfix writes the client before all that the client wrote, and no bracket before it.
 * Only cleanup(8) writes a part of the message in front (cleanup_message.c, cleanup_act_log).
 */
function nameIn(line: string): string | undefined {
  const message = line.slice(line.indexOf(']: ') + 3);
  const client = clientAt(message, message.lastIndexOf(' ', message.indexOf('[')) + 1);
  return client === undefined || clientKey(client.address, 128, []) === undefined ? undefined : client.name;
}

function* firstMatch(texts: Texts, origin: MatchOrigin, needle: Needle): Generator<FoundMatch> {
  for (const [field, text] of texts) {
    const shown = needle.matchIn(text);
    if (shown === undefined) continue;
    yield matchOf(origin, field, shown);
    return;
  }
}

function firstText(texts: Texts, origin: MatchOrigin, key: string): FoundMatch {
  const [field, text] = texts.find(([, one]) => one !== undefined && one !== '') ?? [];
  return field === undefined ? wholeMatch(origin, key) : matchOf(origin, field, excerpt(text ?? '', 0));
}

function matchOf({ at, place, event = null }: MatchOrigin, field: FoundField, text: string): FoundMatch {
  return { at: isoText(at), place, event, field, text };
}
