// Lines that come in parts: a container runtime splits long lines, and lines that it reads before they end.

import { own } from '../../values/detached-string.ts';

/**
 * The starts of unfinished lines, by stream, the oldest first. Plain JSON, kept in the positions of snapshots. The next
 * part in a stream is never a line of its own, whatever it looks like: a client may have written it.
 */
export type Parts = readonly (readonly [stream: string, text: string])[];

export const NO_PARTS: Parts = [];

/** A part of a line, or a whole one. */
export interface Part {
  readonly stream: string;
  readonly text: string;
  /** whether its line ends with it */
  readonly isLast: boolean;
}

/** Only the start of a longer line is kept. */
const MAX_TEXT = 8192;
const MAX_STREAM = 128;
/** Streams with an unfinished line; of more, the oldest are evicted. */
const MAX_STREAMS = 64;

/** Takes the next part. @returns the line where it has ended */
export function joined(
  parts: Parts,
  { stream, text, isLast }: Part,
): { readonly parts: Parts; readonly line: string | undefined } {
  const begun = parts.length === 0 ? undefined : parts.find(([name]) => name === stream);
  if (begun === undefined && isLast) return { parts, line: text };
  const others = begun === undefined ? parts : parts.filter((part) => part !== begun);
  const line = `${begun?.[1] ?? ''}${text}`.slice(0, MAX_TEXT);
  if (isLast) return { parts: others, line };
  const kept: Parts = [...others, [own(stream.slice(0, MAX_STREAM)), own(line)]];
  return { parts: kept.slice(-MAX_STREAMS), line: undefined };
}

/** Whether a value of a snapshot is a valid list of parts. */
export function areParts(value: unknown): value is Parts {
  return Array.isArray(value) && value.length <= MAX_STREAMS && value.every(isPart);
}

function isPart(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [stream, text] = value as readonly unknown[];
  return (
    typeof stream === 'string' &&
    stream.length <= MAX_STREAM &&
    typeof text === 'string' &&
    text.length <= MAX_TEXT
  );
}
