// A client's line in snapshot.json: the facts and the events of one client.

import { codeNamed, codeOfText, FORGIVEN, kindOfCode, NAMES } from '../../blocks/events/codes.ts';
import { KINDS } from '../../blocks/events/event.ts';
import { stampOf, type Window, windowOf } from '../../blocks/events/window.ts';
import type { Block, Evidence, FormerBlock, RefusedMail, Watch } from '../../blocks/table/block.ts';
import type { Note } from '../../blocks/table/note-cells.ts';
import { evidenceText, mailsText, noteOfEvidence, noteOfMail } from '../../blocks/table/note-forms.ts';
import type { ClientFacts } from '../../blocks/table/record.ts';
import type { ClientEntry, RecordState } from '../../blocks/table/record-state.ts';
import type { ClientView } from '../../blocks/table/table-view.ts';
import { isClientKey } from '../../values/address.ts';
import { isoText, isoTextOf, isoTime } from '../../values/iso-time.ts';
import { isNatural, isObject } from '../../values/json.ts';
import { addCountedLine } from './counted-line.ts';
import { damage, parsed, parseTime } from './damage.ts';
import { failuresOf, forgivenText, parseUsers, usersText } from './failure-users.ts';
import { eventsText } from './fast-line.ts';
import { isClass, isClassCounts, isCounts, isManualAction } from './json-guards.ts';
import type { LineBytes } from './line-bytes.ts';
import { parseSpared, sparedText } from './spared-text.ts';

type SavedFacts = ClientFacts<Iterable<Note>>;

/** How a line holds one fact. */
interface FactForm<T> {
  /** the field's name */
  readonly field: string;
  /** The JSON of the fact; undefined where the line does not hold it. */
  text(fact: T): string | undefined;
  /** @param number of the line, for the error; @throws SnapshotDamage */
  parse(value: unknown, number: number): T;
}

/** Every fact has a form: the compiler finds one that is missing. */
const FORMS: { readonly [Name in keyof SavedFacts]: FactForm<SavedFacts[Name]> } = {
  block: { field: 'block', text: (block) => block && blockText(block), parse: parseBlock },
  watches: {
    field: 'watching',
    text: (watches) => watches && `[${watches.map(watchText).join(',')}]`,
    parse: parseWatches,
  },
  floor: { field: 'ignoredBefore', text: timeText, parse: parseTime },
  grace: { field: 'graceUntil', text: timeText, parse: parseTime },
  graceAt: { field: 'graceSince', text: timeText, parse: parseTime },
  shadowed: {
    field: 'shadowed',
    text: (blocks) => blocks && `[${blocks.map(blockText).join(',')}]`,
    parse: (value, number) => listOf(value, number).map((block) => parseBlock(block, number)),
  },
  spared: { field: 'spared', text: (spared) => spared && sparedText(spared), parse: parseSpared },
  former: {
    field: 'former',
    text: (blocks) => blocks && `[${blocks.map(formerText).join(',')}]`,
    parse: (value, number) => listOf(value, number).map((block) => parseFormer(block, number)),
  },
  evidence: { field: 'evidence', text: (notes) => notes && evidenceText(notes), parse: parseEvidence },
};

/** In the order in which a line holds them. */
const FIELD_ORDER = Object.keys(FORMS) as readonly (keyof SavedFacts)[];

/** Adds the line that recordLine has. */
export function addRecordLine(record: ClientView, lines: LineBytes): void {
  const { key, events, failures, isOnlyCounted } = record;
  const isPlain = isOnlyCounted && failures === undefined;
  if (!isPlain || !addCountedLine(key, events, lines)) lines.line(recordLine(record));
}

/** The line without the comma between lines. */
export function recordLine(record: ClientView): string {
  if (record.isOnlyCounted) return `"${record.key}":{${windowText(record)}}`;
  const facts = FIELD_ORDER.flatMap((name) => factText(name, record) ?? []).join(',');
  const window = windowText(record);
  return `"${record.key}":{${facts}${facts !== '' && window !== '' ? ',' : ''}${window}}`;
}

/**
 * Reads the line of any client; parseCountedLine reads those of clients that are only counted, and faster.
 *
 * @param number the line's number in the file, for the error
 */
export function parseRecord(line: string, number: number): ClientEntry {
  const entry = parsed(`{${line.endsWith(',') ? line.slice(0, -1) : line}}`, number);
  const [key, fields] = isObject(entry) ? (Object.entries(entry)[0] ?? []) : [];
  if (key === undefined || !isClientKey(key) || !isObject(fields)) throw damage(number, '"IP":{…}');
  const events = parseEvents(fields.events, fields.forgiven, number);
  const failures = failuresOf(events, parseUsers(fields.users, number));
  // Assigned one by one: V8 gives each object that is spread and then extended a hidden class of its own.
  const state: Partial<Record<keyof RecordState, unknown>> = {
    events,
    floor: 0,
    block: undefined,
    watches: undefined,
  };
  for (const name of FIELD_ORDER) {
    const value = fields[FORMS[name].field];
    if (value !== undefined) state[name] = FORMS[name].parse(value, number);
  }
  if (failures !== undefined) state.failures = failures;
  return { key, state: state as RecordState };
}

/** The events, and what is known of them. */
function windowText({ events, failures }: ClientView): string {
  if (events.length === 0) return '';
  const named = eventsText(events);
  const text = `${named === '{}' ? '' : `,"events":${named}`}${usersText(events, failures)}${forgivenText(events)}`;
  return text.slice(1);
}

function factText<Name extends keyof SavedFacts>(
  name: Name,
  facts: Readonly<Pick<SavedFacts, Name>>,
): string | undefined {
  const form: FactForm<SavedFacts[Name]> = FORMS[name];
  const text = form.text(facts[name]);
  return text === undefined ? undefined : `"${form.field}":${text}`;
}

/** 0 is the time of no fact. */
function timeText(ms: number): string | undefined {
  return ms > 0 ? `"${isoText(ms)}"` : undefined;
}

function blockText(block: Block<Iterable<Note>>): string {
  const refused =
    block.refused === 0
      ? ''
      : `,"firstRefused":"${isoText(block.firstRefused)}","lastRefused":"${isoText(block.lastRefused)}"`;
  return (
    `{"rule":${JSON.stringify(block.rule)},"since":"${isoText(block.since)}","until":"${isoText(block.until)}",` +
    `"count":${block.count},"refused":${block.refused}${refused}${detailText(block)}}`
  );
}

/** What is kept for support, where there is any. */
function detailText({ lastAbuse, name, ...block }: Block<Iterable<Note>>): string {
  const { hand, counts, classes, evidence, mails } = block;
  const detail = JSON.stringify({ lastAbuse: isoTextOf(lastAbuse), name, hand, counts, classes });
  return (
    (detail === '{}' ? '' : `,${detail.slice(1, -1)}`) +
    (evidence === undefined ? '' : `,"evidence":${evidenceText(evidence)}`) +
    (mails === undefined ? '' : `,"mails":${mailsText(mails)}`)
  );
}

function watchText(watch: Watch<Iterable<Note>>): string {
  return `${blockText(watch).slice(0, -1)},"ended":${watch.ended}}`;
}

function formerText({ rule, since, enforced }: FormerBlock): string {
  return `{"rule":${JSON.stringify(rule)},"since":"${isoText(since)}","enforced":${enforced}}`;
}

function parseFormer(value: unknown, number: number): FormerBlock {
  if (!isObject(value) || typeof value.rule !== 'string')
    throw damage(number, 'a former block with its rule');
  const { rule, since, enforced } = value;
  if (typeof enforced !== 'boolean') throw damage(number, 'whether a former block was enforced');
  return { rule, since: parseTime(since, number), enforced };
}

function parseBlock(value: unknown, number: number): Block<readonly Note[]> {
  if (!isObject(value) || typeof value.rule !== 'string') throw damage(number, 'a block with its rule');
  const { rule, count, refused, firstRefused, lastRefused } = value;
  if (!isNatural(count) || !isNatural(refused)) throw damage(number, 'a block with its numbers');
  return {
    rule,
    since: parseTime(value.since, number),
    until: parseTime(value.until, number),
    count,
    refused,
    firstRefused: firstRefused === undefined ? 0 : parseTime(firstRefused, number),
    lastRefused: lastRefused === undefined ? 0 : parseTime(lastRefused, number),
    ...parseDetail(value, number),
  };
}

function parseDetail(
  { lastAbuse, name, hand, counts, classes, evidence, mails }: Record<string, unknown>,
  number: number,
): Partial<Block<readonly Note[]>> {
  if (name !== undefined && typeof name !== 'string') throw damage(number, 'the name of a client');
  if (hand !== undefined && !isManualAction(hand)) throw damage(number, 'who did it by hand, and why');
  if (counts !== undefined && !isCounts(counts)) throw damage(number, 'counts by kind');
  if (classes !== undefined && !isClassCounts(classes)) throw damage(number, 'counts by class');
  return {
    ...(lastAbuse === undefined ? {} : { lastAbuse: parseTime(lastAbuse, number) }),
    ...(name === undefined ? {} : { name }),
    ...(hand === undefined ? {} : { hand }),
    ...(counts === undefined ? {} : { counts }),
    ...(classes === undefined ? {} : { classes }),
    ...(evidence === undefined ? {} : { evidence: parseEvidence(evidence, number) }),
    ...(mails === undefined ? {} : { mails: parseMoments<RefusedMail>(mails, number).map(noteOfMail) }),
  };
}

function parseWatches(value: unknown, number: number): readonly Watch<readonly Note[]>[] {
  return listOf(value, number).map((watch) => parseWatch(watch, number));
}

function listOf(value: unknown, number: number): readonly unknown[] {
  if (!Array.isArray(value)) throw damage(number, 'a list of blocks');
  return value;
}

function parseWatch(value: unknown, number: number): Watch<readonly Note[]> {
  return { ...parseBlock(value, number), ended: isObject(value) && value.ended === true };
}

function parseEvidence(value: unknown, number: number): readonly Note[] {
  const evidence = parseMoments<Evidence>(value, number);
  if (!evidence.every(isOfKnownKind)) throw damage(number, 'evidence of a known kind and class');
  return evidence.map(noteOfEvidence);
}

function isOfKnownKind({ kind, class: name }: Evidence): boolean {
  if (!KINDS.includes(kind)) return false;
  return name === undefined || (isClass(name) && kindOfCode(codeNamed(name)) === kind);
}

/** A list of flat objects of texts, each with its time, as evidence and mails are. */
function parseMoments<T>(value: unknown, number: number): readonly T[] {
  const isMoment = (item: unknown) =>
    isObject(item) &&
    !Number.isNaN(isoTime(item.at)) &&
    Object.values(item).every((text) => typeof text === 'string');
  if (!Array.isArray(value) || !value.every(isMoment)) throw damage(number, 'lists of evidence and mails');
  return value as readonly T[];
}

function parseEvents(value: unknown = {}, forgiven: unknown = [], number: number): Window {
  if (!Array.isArray(forgiven)) throw damage(number, 'the times of forgiven failures');
  if (!isObject(value)) throw damage(number, 'events by kind');
  const stamps = forgiven.map((time: unknown) => stampOf(parseTime(time, number), FORGIVEN));
  for (const [name, times] of Object.entries(value)) {
    const code = codeOfText(name);
    if (code < 0 || !Array.isArray(times))
      throw damage(number, `a list of times for each of ${NAMES.join(', ')}`);
    for (const text of times) stamps.push(stampOf(parseTime(text, number), code));
  }
  return windowOf(stamps);
}
