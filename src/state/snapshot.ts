// The form of snapshot.json: valid JSON in which each client has a line of its own.

import { isClientKey } from '../values/address.ts';
import { parseNetwork } from '../blocks/allow.ts';
import { codeNamed, codeOfText, kindOfCode, NAMES } from '../blocks/events/codes.ts';
import { eventsText, sorted } from './snapshot-fast-line.ts';
import { KINDS } from '../blocks/events/event.ts';
import { isClass, isClassCounts, isCounts, isManualAction, isNatural, isObject } from './json-guards.ts';
import type { SavedAllowEntry } from '../blocks/allow-entries.ts';
import { isoText, isoTime } from '../values/iso-time.ts';
import type { Note } from '../blocks/table/note-cells.ts';
import { evidenceText, mailsText, noteOfEvidence, noteOfMail } from '../blocks/table/note-forms.ts';
import type { Block, ClientRecord, Evidence, RefusedMail, Watch } from '../blocks/table/record.ts';
import type { ClientEntry } from '../blocks/table/record-state.ts';
import { stampOf, type Window } from '../blocks/events/window.ts';

/** Raised with every change of the form that an older postblock could misread. */
export const SNAPSHOT_VERSION = 2;
/** Version 1 has no classes: neither of events nor of evidence. */
const READ_VERSIONS: readonly unknown[] = [1, SNAPSHOT_VERSION];

const HEX = /^[0-9a-f]{8}$/;

/** What a snapshot holds beside the clients; everything is as of the moment at which it was begun. */
export interface SnapshotHead {
  readonly version: number;
  /** ISO 8601, when the snapshot was begun */
  readonly written: string;
  /** number of the last line of audit.jsonl that the snapshot includes */
  readonly auditSequence: number;
  /** where reading the log goes on, per source; each source knows its own form */
  readonly log: readonly unknown[];
  /** the clock of each source of the log, by its name */
  readonly clocks?: Readonly<Record<string, unknown>>;
  /** SMTP sessions that were open in the log */
  readonly sessions: unknown;
  /** texts under which refusals of ours may stand in the log */
  readonly texts: readonly string[];
  /** entries of the allow list made by hand: those in force, and those that are over by now; older files have none */
  readonly allowed?: readonly SavedAllowEntry[];
  readonly allowedBefore?: readonly SavedAllowEntry[];
}

/** What makes a snapshot unusable; the message names the line. */
export class SnapshotDamage extends Error {
  readonly code: 'damaged' | 'foreign-version';

  constructor(code: SnapshotDamage['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The first line, up to and with the brace that opens the clients. */
export function headLine(head: SnapshotHead): string {
  return `${JSON.stringify(head).slice(0, -1)},"ips":{\n`;
}

/** What the last line tells of those before it. */
export interface SnapshotTail {
  /** clients: shows that nothing is missing between */
  readonly tracked: number;
  /** CRC-32 of all bytes of the lines before, as gzip has it (RFC 1952 8): finds a bit that has flipped; older files have none */
  readonly crc32?: number | undefined;
}

/** The last line. */
export function tailLine({ tracked, crc32 = 0 }: SnapshotTail): string {
  return `},"tracked":${tracked},"crc32":"${crc32.toString(16).padStart(8, '0')}"}\n`;
}

/** One client's line, without the comma between lines. */
export function recordLine(record: ClientRecord): string {
  if (record.isOnlyCounted && record.events.length > 0)
    return `"${record.key}":{"events":${eventsText(record.events)}}`;
  const parts: string[] = [];
  if (record.block) parts.push(`"block":${blockText(record.block)}`);
  if (record.watches) parts.push(`"watching":[${record.watches.map(watchText).join(',')}]`);
  if (record.floor > 0) parts.push(`"ignoredBefore":"${isoText(record.floor)}"`);
  if (record.grace > 0) parts.push(`"graceUntil":"${isoText(record.grace)}"`);
  if (record.evidence) parts.push(`"evidence":${evidenceText(record.evidence)}`);
  if (record.events.length > 0) parts.push(`"events":${eventsText(record.events)}`);
  return `"${record.key}":{${parts.join(',')}}`;
}

export function parseHead(line: string): SnapshotHead {
  const head = parsed(`${line}}}`, 1);
  if (!isObject(head) || typeof head.version !== 'number') throw damage(1, 'a version');
  if (!READ_VERSIONS.includes(head.version)) {
    throw new SnapshotDamage(
      'foreign-version',
      `version ${head.version}, this postblock reads ${READ_VERSIONS.join(' and ')}`,
    );
  }
  const { log, texts, auditSequence, allowed = [], allowedBefore = [] } = head;
  if (!Array.isArray(log)) throw damage(1, '"log" with log positions');
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) throw damage(1, '"texts"');
  if (!isNatural(auditSequence)) throw damage(1, '"auditSequence"');
  if (Number.isNaN(isoTime(head.written))) throw damage(1, '"written"');
  if (!isObject(head.sessions)) throw damage(1, '"sessions"');
  if (head.clocks !== undefined && !isObject(head.clocks)) throw damage(1, '"clocks"');
  if (!log.every(isObject)) throw damage(1, 'positions');
  if (!Array.isArray(allowed) || !allowed.every(isAllowedEntry)) throw damage(1, '"allowed"');
  if (!Array.isArray(allowedBefore) || !allowedBefore.every(isAllowedEntry))
    throw damage(1, '"allowedBefore"');
  return head as unknown as SnapshotHead;
}

/**
 * Reads the line of any client; of those that are only counted, parseCountedLine does so faster.
 *
 * @param number the line's number in the file, for the error
 */
export function parseRecord(line: string, number: number): ClientEntry {
  const entry = parsed(`{${line.endsWith(',') ? line.slice(0, -1) : line}}`, number);
  const [key, state] = isObject(entry) ? (Object.entries(entry)[0] ?? []) : [];
  if (key === undefined || !isClientKey(key) || !isObject(state)) throw damage(number, '"IP":{…}');
  const { watching } = state;
  if (watching !== undefined && !Array.isArray(watching)) throw damage(number, 'a list of watched blocks');
  return {
    key,
    state: {
      block: state.block === undefined ? undefined : parseBlock(state.block, number),
      watches: watching?.map((watch) => parseWatch(watch, number)),
      floor: state.ignoredBefore === undefined ? 0 : time(state.ignoredBefore, number),
      events: parseEvents(state.events, number),
      ...(state.graceUntil === undefined ? {} : { grace: time(state.graceUntil, number) }),
      ...(state.evidence === undefined ? {} : { evidence: parseEvidence(state.evidence, number) }),
    },
  };
}

export function parseTail(line: string, number: number): SnapshotTail {
  const tail = parsed(`{"ips":{${line}`, number);
  const { ips: _, tracked, crc32, ...more } = isObject(tail) ? tail : {};
  if (typeof tracked !== 'number') throw damage(number, '"tracked" with the number of clients');
  const isSum = crc32 === undefined || (typeof crc32 === 'string' && HEX.test(crc32));
  if (!isSum || Object.keys(more).length > 0) throw damage(number, '"crc32" and no more');
  return { tracked, crc32: crc32 === undefined ? undefined : Number.parseInt(crc32, 16) };
}

function blockText(block: Block): string {
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
function detailText({ hand, counts, classes, evidence, mails }: Block): string {
  const detail = JSON.stringify({ hand, counts, classes });
  return (
    (detail === '{}' ? '' : `,${detail.slice(1, -1)}`) +
    (evidence === undefined ? '' : `,"evidence":${evidenceText(evidence)}`) +
    (mails === undefined ? '' : `,"mails":${mailsText(mails)}`)
  );
}

function watchText(watch: Watch): string {
  return `${blockText(watch).slice(0, -1)},"ended":${watch.ended}}`;
}

function parseBlock(value: unknown, number: number): Block<readonly Note[]> {
  if (!isObject(value) || typeof value.rule !== 'string') throw damage(number, 'a block with its rule');
  const { rule, count, refused, firstRefused, lastRefused } = value;
  if (!isNatural(count) || !isNatural(refused)) throw damage(number, 'a block with its numbers');
  return {
    rule,
    since: time(value.since, number),
    until: time(value.until, number),
    count,
    refused,
    firstRefused: firstRefused === undefined ? 0 : time(firstRefused, number),
    lastRefused: lastRefused === undefined ? 0 : time(lastRefused, number),
    ...parseDetail(value, number),
  };
}

function parseDetail(
  { hand, counts, classes, evidence, mails }: Record<string, unknown>,
  number: number,
): Partial<Block<readonly Note[]>> {
  if (hand !== undefined && !isManualAction(hand)) throw damage(number, 'who did it by hand, and why');
  if (counts !== undefined && !isCounts(counts)) throw damage(number, 'counts by kind');
  if (classes !== undefined && !isClassCounts(classes)) throw damage(number, 'counts by class');
  return {
    ...(hand === undefined ? {} : { hand }),
    ...(counts === undefined ? {} : { counts }),
    ...(classes === undefined ? {} : { classes }),
    ...(evidence === undefined ? {} : { evidence: parseEvidence(evidence, number) }),
    ...(mails === undefined ? {} : { mails: parseMoments<RefusedMail>(mails, number).map(noteOfMail) }),
  };
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

function isAllowedEntry(value: unknown): boolean {
  if (!isObject(value) || !isManualAction(value) || typeof value.entry !== 'string') return false;
  const times = [isoTime(value.at), isoTime(value.until)];
  return parseNetwork(value.entry) !== undefined && !times.some(Number.isNaN);
}

function parseEvents(value: unknown, number: number): Window {
  if (value === undefined) return [];
  if (!isObject(value)) throw damage(number, 'events by kind');
  const stamps: number[] = [];
  for (const [name, times] of Object.entries(value)) {
    const code = codeOfText(name);
    if (code < 0 || !Array.isArray(times))
      throw damage(number, `a list of times for each of ${NAMES.join(', ')}`);
    for (const text of times) stamps.push(stampOf(time(text, number), code));
  }
  return sorted(stamps);
}

function time(value: unknown, number: number): number {
  const ms = isoTime(value);
  if (Number.isNaN(ms)) throw damage(number, 'ISO 8601 times');
  return ms;
}

function parsed(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damage(number, 'JSON');
  }
}

function damage(number: number, expected: string): SnapshotDamage {
  return new SnapshotDamage('damaged', `line ${number}: expected ${expected}`);
}
