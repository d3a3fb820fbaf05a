// The part of a snapshot that says how far this host has sent and taken what hosts share.

import { isPosition } from '../maillog/sources/source.ts';
import { isoText, isoTime } from '../values/iso-time.ts';
import { isNatural, isObject } from '../values/json.ts';
import type { Checkpoint } from './checkpoints.ts';

export interface SavedSharing {
  /** ID of the last entry applied, of the stream of each shard */
  readonly streams: readonly string[];
  /** the last line of audit.jsonl that is published, or need not be */
  readonly sequence: number;
  /** where sending begins again when the server has lost what it held, the oldest first */
  readonly positions: readonly Readonly<Record<string, unknown>>[];
  /** names what the server held */
  readonly generation?: string;
  /** where sending begins; missing where that is the position of the snapshot itself */
  readonly checkpoint?: Readonly<Record<string, unknown>>;
  /** events between that and the position of the snapshot that the server has not counted; missing where that is not known */
  readonly backlog?: number;
}

/** What could be read of it; what is damaged is missing. */
export interface RestoredSharing {
  readonly streams: unknown;
  readonly sequence: number | undefined;
  readonly generation: string | undefined;
  readonly checkpoint: Checkpoint | undefined;
  readonly backlog: number | undefined;
  readonly positions: readonly Checkpoint[];
}

export function savedCheckpoint({ at, sessions, ...rest }: Checkpoint): Readonly<Record<string, unknown>> {
  return { at: isoText(at), ...rest, sessions: JSON.parse(sessions) as unknown };
}

/** A position without what its snapshot has too, and without sessions. */
export function savedPosition({ at, log, clocks, numbers }: Checkpoint): Readonly<Record<string, unknown>> {
  return { at: isoText(at), log, ...(clocks && { clocks }), ...(numbers && { numbers }) };
}

/** @param texts of the snapshot */
export function savedOf(saved: unknown, texts: readonly string[]): RestoredSharing {
  const { streams, sequence, generation, checkpoint, backlog, positions } = isObject(saved) ? saved : {};
  const known: readonly unknown[] = Array.isArray(positions) ? positions : [];
  return {
    streams,
    sequence: isNatural(sequence) ? sequence : undefined,
    generation: typeof generation === 'string' ? generation : undefined,
    checkpoint: isObject(checkpoint) ? checkpointIn(checkpoint) : undefined,
    backlog: isNatural(backlog) ? backlog : undefined,
    positions: known.flatMap((one) =>
      isObject(one) ? (checkpointIn({ ...one, texts, sessions: {} }) ?? []) : [],
    ),
  };
}

function checkpointIn({
  at: text,
  log,
  clocks,
  numbers,
  sessions,
  texts,
}: Readonly<Record<string, unknown>>): Checkpoint | undefined {
  const at = isoTime(text);
  if (Number.isNaN(at) || !Array.isArray(log) || !log.every(isPosition) || !isObject(sessions))
    return undefined;
  const known = Array.isArray(texts) ? texts.filter((one) => typeof one === 'string') : [];
  return {
    at,
    log,
    ...(isObject(clocks) && { clocks }),
    ...(isObject(numbers) && { numbers }),
    sessions: JSON.stringify(sessions),
    texts: known,
  };
}
