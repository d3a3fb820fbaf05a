// The breaker in the first line of snapshot.json: what it must look like to be believed.

import type { SavedBreaker } from '../../blocks/sparing/breaker.ts';
import { isClientKey } from '../../values/address.ts';
import { isoTime } from '../../values/iso-time.ts';
import { isNatural, isObject } from '../../values/json.ts';

export function isSavedBreaker(value: unknown): value is SavedBreaker {
  if (!isObject(value)) return false;
  const { blocked, open, closed } = value;
  if (!Array.isArray(blocked) || !blocked.every(isBlocked)) return false;
  return (open === undefined || isOpening(open)) && (closed === undefined || isTime(closed));
}

function isBlocked(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isClient(value[0]) && isTime(value[1]);
}

function isOpening(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { at, ip, blocked, standing, lastSpared } = value;
  const numbers = [blocked, standing];
  return isClient(ip) && [at, lastSpared].every(isTime) && numbers.every(isNatural);
}

function isClient(value: unknown): boolean {
  return typeof value === 'string' && isClientKey(value);
}

function isTime(value: unknown): boolean {
  return !Number.isNaN(isoTime(value));
}
