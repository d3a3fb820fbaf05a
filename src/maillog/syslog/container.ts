// The formats in which container runtimes wrap the lines of a container, in files and in the output of commands.

import type { Part } from './parts.ts';
import { textOfUtf8, utf8Bytes } from './utf8.ts';

/** A line of a container, or a part of one. */
export interface ContainerLine extends Part {
  /** ms since 1970: when the runtime read it */
  readonly at: number;
}

/**
 * In front of the lines of several containers: `mail-1  | ` (docker compose logs), `[pod/mail-0/postfix] ` (kubectl logs
 * --prefix).
 */
const NAME = /^(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,127} {1,64}\| ?|\[pod\/[a-z0-9.-]{1,253}\/[a-z0-9.-]{1,63}\] )/;
const MAX_NAME = 400;

/** The start of the line after the name of a container; `from` where there is no name. */
export function behindName(text: string, from: number, to: number): number {
  return from + (NAME.exec(text.slice(from, Math.min(to, from + MAX_NAME)))?.[0].length ?? 0);
}

/**
 * The log format of Kubernetes' container runtime interface, which Podman writes too (k8s-file):
 * `2026-11-23T10:20:30.123456789+01:00 stdout F LINE`. P instead of F is a part that others follow; tags that later
 * versions add stand after it, with colons between.
 */
const CRI =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::[\w:]{1,64})?(?: |$)/;
const MAX_CRI = 128;

/** The longest line of Docker's json-file: 16 KiB, each byte of which may be escaped as `\u003c` */
const MAX_JSON = 1 << 17;

/**
 * The line of a container in the line of a log file that stands in a text from `from` to `to`.
 *
 * @returns undefined where none of these runtimes wrote it
 */
export function containerLineAt(text: string, from: number, to: number): ContainerLine | undefined {
  if (text.charCodeAt(from) === 123)
    return to - from > MAX_JSON ? undefined : dockerLine(text.slice(from, to));
  const found = CRI.exec(text.slice(from, Math.min(to, from + MAX_CRI)));
  if (found === null) return undefined;
  const [head, stamp = '', stream = '', tag] = found;
  const at = Date.parse(stamp);
  return Number.isNaN(at)
    ? undefined
    : { at, stream, text: text.slice(from + head.length, to), isLast: tag === 'F' };
}

/**
 * Docker's json-file driver: `{"log":"LINE\n","stream":"stdout","time":"2026-11-23T10:20:30.123456789Z"}`. A line of more
 * than 16 KiB is split; the newline ends its last part.
 */
function dockerLine(json: string): ContainerLine | undefined {
  const { log, stream, time } = objectOf(json) ?? {};
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (typeof log !== 'string' || Number.isNaN(at)) return undefined;
  const text = utf8Bytes(log);
  return { at, stream: stream === 'stderr' ? stream : 'stdout', ...endedText(text, text.endsWith('\n')) };
}

/** @param isLast whether the line ends with this text, also without a newline */
export function endedText(
  text: string,
  isLast: boolean,
): { readonly text: string; readonly isLast: boolean } {
  return { text: isLast ? text.replace(LINE_END, '') : text, isLast };
}

/** A terminal's lines end with CR LF. */
const LINE_END = /\r?\n?$/;

/** The fields of a JSON object. @param json bytes of UTF-8, read as latin1 */
export function objectOf(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(textOfUtf8(json));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
