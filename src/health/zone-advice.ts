// Advice on `zone:` for a log that is late or ahead by the difference of two time zones. Pure.

import { HOUR, MINUTE } from '../values/duration.ts';

/** Time zones differ by whole and half hours, a few by quarters (tz database); a quarter could be mere lateness. */
const STEP = HOUR / 2;
/** ms by which a log in another zone may miss the step: the time until its lines are read. */
const NEAR = 15_000;
const MAX_OFFSET = 14 * HOUR;

/**
 * @param behind ms by which the stamps are behind the clock; below 0 they are ahead
 * @param offset ms by which the zone that they are read in is ahead of UTC now
 * @returns undefined where another zone does not explain it
 */
export function zoneAdvice(behind: number, offset: number): string | undefined {
  const difference = Math.round(behind / STEP) * STEP;
  const logOffset = offset - difference;
  if (difference === 0 || Math.abs(behind - difference) > NEAR || Math.abs(logOffset) > MAX_OFFSET)
    return undefined;
  return `if its stamps have no zone, they are of another one: set ${settingOf(logOffset)}`;
}

function settingOf(offset: number): string {
  if (offset === 0) return 'zone: UTC in policy.yml';
  const minutes = Math.abs(offset) / MINUTE;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `zone: in policy.yml to the one whose clocks are at UTC${offset < 0 ? '-' : '+'}${hours}:${rest} now`;
}
