// The first and the last line of snapshot.json: valid JSON in which each client has a line of its own (client-line.ts).

import type { SavedAllowEntry } from '../../blocks/allow-entries.ts';
import type { SavedBreaker } from '../../blocks/sparing/breaker.ts';
import { isoTime } from '../../values/iso-time.ts';
import { isNatural, isObject } from '../../values/json.ts';
import { parseNetwork } from '../../values/network.ts';
import { damage, parsed, SnapshotDamage } from './damage.ts';
import { areCounterEntries, type CounterEntry } from './good-line.ts';
import { isManualAction } from './json-guards.ts';
import { isSavedBreaker } from './saved-breaker.ts';

/** Raised with every change of the form that an older postblock could misread. */
export const SNAPSHOT_VERSION = 3;
/** Version 1 has no classes: neither of events nor of evidence. Versions 1 and 2 have no good clients. */
const READ_VERSIONS: readonly unknown[] = [1, 2, SNAPSHOT_VERSION];
/** The first with good clients. */
const GOOD_VERSION = 3;

const HEX = /^[0-9a-f]{8}$/;

/** The content of a snapshot besides the clients, at the moment at which it was started. */
export interface SnapshotHead {
  readonly version: number;
  /** ISO 8601, when the snapshot was started */
  readonly written: string;
  /** number of the last line of audit.jsonl that the snapshot includes */
  readonly auditSequence: number;
  /** the position in each source of the log from which reading continues, in the form of that source */
  readonly log: readonly unknown[];
  /** the clock of each source of the log, by its name */
  readonly clocks?: Readonly<Record<string, unknown>>;
  /** the numbering of each source of the log, by its name; older files have none */
  readonly numbers?: Readonly<Record<string, unknown>>;
  /** SMTP sessions that were open in the log */
  readonly sessions: unknown;
  /** our REJECT texts that the log may still contain */
  readonly texts: readonly string[];
  /** temporary allow entries: those in force, and those that have ended; older files have none */
  readonly allowed?: readonly SavedAllowEntry[];
  readonly allowedBefore?: readonly SavedAllowEntry[];
  /** the counters whose sums the lines of good clients have; older files have none */
  readonly goodCounters?: readonly CounterEntry[];
  /** the breaker, where it has anything to keep */
  readonly breaker?: SavedBreaker;
  /** where hosts share their blocks: how far this one has sent and taken what it must */
  readonly sharing?: unknown;
}

/** The beginning of the first line of this version. */
export const HEAD_START = `{"version":${SNAPSHOT_VERSION},`;

/** The first line, up to and with the brace that opens the clients. */
export function headLine(head: SnapshotHead): string {
  return `${JSON.stringify(head).slice(0, -1)},"ips":{\n`;
}

/** The line between the clients and the good clients. */
export const GOOD_LINE = '},"good":{';

/** Whether the line of good clients must be there. */
export function hasGoodClients({ version }: SnapshotHead): boolean {
  return version >= GOOD_VERSION;
}

/** The content of the last line, about the lines before it. */
export interface SnapshotTail {
  /** number of clients: detects missing lines */
  readonly tracked: number;
  /** number of good clients; older files have none */
  readonly trackedGood?: number | undefined;
  /** CRC-32 of all bytes of the lines before, as in gzip (RFC 1952 8): detects a flipped bit; older files have none */
  readonly crc32?: number | undefined;
}

/** The last line. */
export function tailLine({ tracked, trackedGood = 0, crc32 = 0 }: SnapshotTail): string {
  const sum = crc32.toString(16).padStart(8, '0');
  return `},"tracked":${tracked},"trackedGood":${trackedGood},"crc32":"${sum}"}\n`;
}

export function parseHead(line: string): SnapshotHead {
  const head = parsed(`${line}}}`, 1);
  if (!isObject(head) || typeof head.version !== 'number') throw damage(1, 'a version');
  if (!READ_VERSIONS.includes(head.version)) {
    throw new SnapshotDamage(
      'foreign-version',
      `version ${head.version}, this postblock reads ${READ_VERSIONS.join(', ')}`,
    );
  }
  const { log, texts, auditSequence, allowed = [], allowedBefore = [] } = head;
  if (!Array.isArray(log)) throw damage(1, '"log" with log positions');
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) throw damage(1, '"texts"');
  if (!isNatural(auditSequence)) throw damage(1, '"auditSequence"');
  if (Number.isNaN(isoTime(head.written))) throw damage(1, '"written"');
  if (!isObject(head.sessions)) throw damage(1, '"sessions"');
  if (head.clocks !== undefined && !isObject(head.clocks)) throw damage(1, '"clocks"');
  if (head.numbers !== undefined && !isObject(head.numbers)) throw damage(1, '"numbers"');
  if (!log.every(isObject)) throw damage(1, 'positions');
  if (!Array.isArray(allowed) || !allowed.every(isAllowEntry)) throw damage(1, '"allowed"');
  if (!Array.isArray(allowedBefore) || !allowedBefore.every(isAllowEntry)) throw damage(1, '"allowedBefore"');
  if (head.breaker !== undefined && !isSavedBreaker(head.breaker)) throw damage(1, '"breaker"');
  if (head.sharing !== undefined && !isObject(head.sharing)) throw damage(1, '"sharing"');
  const { goodCounters = [] } = head;
  if (!areCounterEntries(goodCounters)) throw damage(1, '"goodCounters"');
  return head as unknown as SnapshotHead;
}

export function parseTail(line: string, number: number): SnapshotTail {
  const tail = parsed(`{"ips":{${line}`, number);
  const { ips: _, tracked, trackedGood, crc32, ...more } = isObject(tail) ? tail : {};
  if (typeof tracked !== 'number') throw damage(number, '"tracked" with the number of clients');
  if (trackedGood !== undefined && typeof trackedGood !== 'number') throw damage(number, '"trackedGood"');
  const isSum = crc32 === undefined || (typeof crc32 === 'string' && HEX.test(crc32));
  if (!isSum || Object.keys(more).length > 0) throw damage(number, '"crc32" and no more');
  const sum = crc32 === undefined ? undefined : Number.parseInt(crc32, 16);
  return { tracked, ...(trackedGood !== undefined && { trackedGood }), crc32: sum };
}

function isAllowEntry(value: unknown): boolean {
  if (!isObject(value) || !isManualAction(value) || typeof value.entry !== 'string') return false;
  const times = [isoTime(value.at), isoTime(value.until)];
  return parseNetwork(value.entry) !== undefined && !times.some(Number.isNaN);
}
