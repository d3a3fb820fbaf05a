// The form of snapshot.json: valid JSON in which each client has a line of its own.

import { KINDS, type Kind } from './event.ts';
import type { Block, ClientRecord, Evidence, Hand, RecordState, RefusedMail, Watch } from './record.ts';
import { codeOf, timeOf } from './window.ts';

/** Raised with every change of the form that an older postblock could misread. */
export const SNAPSHOT_VERSION = 1;

/** What a snapshot holds beside the clients; everything is as of the moment at which it was begun. */
export interface SnapshotHead {
  readonly version: number;
  /** ISO 8601, when the snapshot was begun */
  readonly written: string;
  /** number of the last line of audit.jsonl that the snapshot includes */
  readonly auditSequence: number;
  /** where reading the log goes on, per source; each source knows its own form */
  readonly log: readonly unknown[];
  /** SMTP sessions that were open in the log */
  readonly sessions: unknown;
  /** texts under which refusals of ours may stand in the log */
  readonly texts: readonly string[];
  /** entries of the allow list made by hand */
  readonly allowed?: readonly AllowedEntry[];
}

/** An entry of the allow list made by hand; times in ISO 8601 UTC. */
export interface AllowedEntry {
  readonly entry: string;
  readonly at: string;
  readonly until: string;
  readonly by: string;
  readonly why: string;
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

/** The last line; the number of clients shows that nothing is missing between. */
export function tailLine(tracked: number): string {
  return `\n},"tracked":${tracked}}\n`;
}

/** One client's line, without the comma between lines. */
export function recordLine(record: ClientRecord): string {
  const parts: string[] = [];
  if (record.block) parts.push(`"block":${blockText(record.block)}`);
  if (record.watches) parts.push(`"watching":[${record.watches.map(watchText).join(',')}]`);
  if (record.floor > 0) parts.push(`"ignoredBefore":"${isoText(record.floor)}"`);
  if (record.grace > 0) parts.push(`"graceUntil":"${isoText(record.grace)}"`);
  if (record.evidence) parts.push(`"evidence":${JSON.stringify(record.evidence)}`);
  if (record.events.length > 0) parts.push(`"events":${eventsText(record.events)}`);
  return `"${record.key}":{${parts.join(',')}}`;
}

export function parseHead(line: string): SnapshotHead {
  const head = parsed(`${line}}}`, 1);
  if (!isObject(head) || typeof head.version !== 'number') throw damage(1, 'a version');
  if (head.version !== SNAPSHOT_VERSION) {
    throw new SnapshotDamage(
      'foreign-version',
      `version ${head.version}, this postblock reads ${SNAPSHOT_VERSION}`,
    );
  }
  const { log, texts, auditSequence } = head;
  if (!Array.isArray(log)) throw damage(1, '"log" with log positions');
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) throw damage(1, '"texts"');
  if (typeof auditSequence !== 'number') throw damage(1, '"auditSequence"');
  if (!isObject(head.sessions)) throw damage(1, '"sessions"');
  if (!log.every(isObject)) throw damage(1, 'positions');
  if (head.allowed !== undefined && !Array.isArray(head.allowed)) throw damage(1, '"allowed"');
  return head as unknown as SnapshotHead;
}

/** @param number the line's number in the file, for the error */
export function parseRecord(line: string, number: number): { key: string; state: RecordState } {
  const entry = parsed(`{${line.endsWith(',') ? line.slice(0, -1) : line}}`, number);
  const [key, state] = isObject(entry) ? (Object.entries(entry)[0] ?? []) : [];
  if (key === undefined || !isObject(state)) throw damage(number, '"IP":{…}');
  const watching = state.watching;
  return {
    key,
    state: {
      block: state.block === undefined ? undefined : parseBlock(state.block, number),
      watches: Array.isArray(watching) ? watching.map((watch) => parseWatch(watch, number)) : undefined,
      floor: state.ignoredBefore === undefined ? 0 : time(state.ignoredBefore, number),
      events: parseEvents(state.events, number),
      ...(state.graceUntil === undefined ? {} : { grace: time(state.graceUntil, number) }),
      ...(state.evidence === undefined ? {} : { evidence: parseList<Evidence>(state.evidence, number) }),
    },
  };
}

/** @returns the number of clients that the file must hold */
export function parseTail(line: string, number: number): number {
  const tail = parsed(`{"ips":{${line}`, number);
  const tracked = isObject(tail) ? tail.tracked : undefined;
  if (typeof tracked !== 'number') throw damage(number, '"tracked" with the number of clients');
  return tracked;
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
function detailText({ hand, counts, evidence, mails }: Block): string {
  const detail = JSON.stringify({ hand, counts, evidence, mails });
  return detail === '{}' ? '' : `,${detail.slice(1, -1)}`;
}

function watchText(watch: Watch): string {
  return `${blockText(watch).slice(0, -1)},"ended":${watch.ended}}`;
}

function eventsText(events: readonly number[]): string {
  const byKind = KINDS.map((kind, code) => {
    const times = events.filter((stamp) => codeOf(stamp) === code);
    return times.length === 0
      ? ''
      : `"${kind}":[${times.map((stamp) => `"${isoText(timeOf(stamp))}"`).join(',')}]`;
  });
  return `{${byKind.filter((text) => text !== '').join(',')}}`;
}

function parseBlock(value: unknown, number: number): Block {
  if (!isObject(value) || typeof value.rule !== 'string') throw damage(number, 'a block with its rule');
  const { rule, count, refused, firstRefused, lastRefused } = value;
  return {
    rule,
    since: time(value.since, number),
    until: time(value.until, number),
    count: typeof count === 'number' ? count : 0,
    refused: typeof refused === 'number' ? refused : 0,
    firstRefused: firstRefused === undefined ? 0 : time(firstRefused, number),
    lastRefused: lastRefused === undefined ? 0 : time(lastRefused, number),
    ...parseDetail(value, number),
  };
}

function parseDetail(
  { hand, counts, evidence, mails }: Record<string, unknown>,
  number: number,
): Partial<Block> {
  return {
    ...(isObject(hand) ? { hand: hand as unknown as Hand } : {}),
    ...(isObject(counts) ? { counts: counts as Readonly<Partial<Record<Kind, number>>> } : {}),
    ...(evidence === undefined ? {} : { evidence: parseList<Evidence>(evidence, number) }),
    ...(mails === undefined ? {} : { mails: parseList<RefusedMail>(mails, number) }),
  };
}

function parseWatch(value: unknown, number: number): Watch {
  return { ...parseBlock(value, number), ended: isObject(value) && value.ended === true };
}

/** A list of flat objects of texts, as evidence and mails are. */
function parseList<T>(value: unknown, number: number): readonly T[] {
  const isFlat = (item: unknown) =>
    isObject(item) && Object.values(item).every((text) => typeof text === 'string');
  if (!Array.isArray(value) || !value.every(isFlat)) throw damage(number, 'lists of evidence and mails');
  return value as readonly T[];
}

function parseEvents(value: unknown, number: number): number[] {
  if (value === undefined) return [];
  if (!isObject(value)) throw damage(number, 'events by kind');
  const stamps: number[] = [];
  for (const [kind, times] of Object.entries(value)) {
    const code = KINDS.indexOf(kind as Kind);
    if (code < 0 || !Array.isArray(times))
      throw damage(number, `a list of times for each of ${KINDS.join(', ')}`);
    for (const text of times) stamps.push(time(text, number) * 8 + code);
  }
  return stamps.length < 2 ? stamps : stamps.sort((a, b) => a - b);
}

function time(value: unknown, number: number): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw damage(number, 'ISO 8601 times');
  return ms;
}

export function isoText(ms: number): string {
  return new Date(ms).toISOString();
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
