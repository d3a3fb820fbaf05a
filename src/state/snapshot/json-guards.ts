// Forms that values read from a file must have before they are believed.

import { classOfCode, codeOfText } from '../../blocks/events/codes.ts';
import { type EventClass, KINDS, type Kind } from '../../blocks/events/event.ts';
import type { ManualAction } from '../../blocks/table/block.ts';

export function isManualAction(value: unknown): value is ManualAction {
  return isObject(value) && typeof value.by === 'string' && typeof value.why === 'string';
}

export function isCounts(value: unknown): value is Readonly<Partial<Record<Kind, number>>> {
  return isObject(value) && Object.entries(value).every(([kind, n]) => isKind(kind) && isNatural(n));
}

export function isClassCounts(value: unknown): value is Readonly<Partial<Record<EventClass, number>>> {
  return isObject(value) && Object.entries(value).every(([name, n]) => isClass(name) && isNatural(n));
}

export function isClass(text: string): text is EventClass {
  return classOfCode(codeOfText(text)) !== undefined;
}

function isKind(text: string): boolean {
  return KINDS.some((kind) => kind === text);
}

/** What a text is in JSON; undefined where it is not JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A number that can be counted up and written again: 1e999 is JSON, and Infinity is none. */
export function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
