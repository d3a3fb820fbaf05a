// The numbers under which windows and tallies hold the kinds and classes of events.

import { CLASSES, type ClassifiedKind, type EventClass, KINDS, type Kind } from './event.ts';

/** What `counts:` of a rule names: a kind, with all of its classes, or one class. */
export type CountName = Kind | EventClass;

/** Rules hold codes as bits of an integer, and a stamp of a window has five bits for one (window.ts). */
export const MAX_CODES = 32;

/**
 * The names in the order of their codes. An event has the code of its class. A kind that has classes has a code too, for
 * events that a snapshot of release 1.0 lists without class.
 */
export const NAMES: readonly CountName[] = checkedNames([...KINDS, ...Object.values(CLASSES).flat()]);

/**
 * The code of an auth failure that a login has taken back: no name of `counts:`. Rules that count auth failures and do not
 * forgive them count it too.
 */
export const FORGIVEN = NAMES.length;
if (FORGIVEN >= MAX_CODES) throw new Error('no code is left for forgiven failures');

const CODE_OF: ReadonlyMap<string, number> = new Map(NAMES.map((name, code) => [name, code]));
/** The code of any other text. */
const NO_CODE = -1;

/** By code. */
const KIND_OF: readonly Kind[] = [...NAMES.map((name) => kindOf(name)), 'auth-failure'];

/** The code of a name that is known to be one. */
export function codeNamed(name: CountName): number {
  return CODE_OF.get(name) ?? NO_CODE;
}

/** The code of an event. */
export function codeOfEvent({
  kind,
  class: name,
}: {
  readonly kind: Kind;
  readonly class?: EventClass | undefined;
}) {
  return CODE_OF.get(name ?? kind) ?? NO_CODE;
}

/** The code of any text, -1 where it is not a name. */
export function codeOfText(text: string): number {
  return CODE_OF.get(text) ?? NO_CODE;
}

/** @param code of a kind or class */
export function kindOfCode(code: number): Kind {
  return KIND_OF[code] ?? 'rejected-recipient';
}

/** The class of this code; undefined where it is that of a kind. */
export function classOfCode(code: number): EventClass | undefined {
  return code < KINDS.length ? undefined : (NAMES[code] as EventClass | undefined);
}

/** The bits of all codes that these names stand for. */
export function maskOf(names: readonly CountName[]): number {
  let mask = 0;
  for (const [code, name] of NAMES.entries())
    if (names.includes(name) || names.includes(kindOfCode(code))) mask |= 1 << code;
  return mask;
}

/** Whether a mask holds a code. */
export function isInMask(mask: number, code: number): boolean {
  return ((mask >>> code) & 1) === 1;
}

/** The names, if each of them can have a code. @throws Error at start-up otherwise */
export function checkedNames<T extends string>(names: readonly T[]): readonly T[] {
  if (names.length > MAX_CODES)
    throw new Error(`${names.length} kinds and classes do not fit ${MAX_CODES} codes`);
  if (new Set(names).size < names.length) throw new Error('two kinds or classes have one name');
  return names;
}

function kindOf(name: CountName): Kind {
  const isClassOf = (kind: ClassifiedKind) => (CLASSES[kind] as readonly string[]).includes(name);
  const kinds = Object.keys(CLASSES) as ClassifiedKind[];
  return kinds.find(isClassOf) ?? (name as Kind);
}
