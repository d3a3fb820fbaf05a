// Forms that values of a snapshot or an audit line must have before they are believed.

import { classOfCode, codeOfText } from '../../blocks/events/codes.ts';
import { type EventClass, KINDS, type Kind } from '../../blocks/events/event.ts';
import type { ManualAction } from '../../blocks/table/block.ts';
import { isNatural, isObject } from '../../values/json.ts';

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
