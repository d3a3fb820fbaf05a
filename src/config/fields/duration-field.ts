// A duration in policy.yml.

import { durationText, parseDuration, SECOND } from '../../values/duration.ts';
import type { Fields, OptionNode } from './fields.ts';

/** @param min, max ms @returns ms */
export function readDuration(
  place: OptionNode,
  fields: Fields,
  min: number,
  max: number,
): number | undefined {
  const text = fields.source(place);
  const duration = parseDuration(text);
  if (duration !== undefined && duration >= min && duration <= max) return duration;
  const wrong = duration === undefined ? 'is not a valid duration' : 'is out of range';
  const range = `from ${min / SECOND}s to ${durationText(max)}`;
  return fields.wrong(
    place,
    `${JSON.stringify(text)} ${wrong}; expected one such as 90s, 10m, 1h30m or 2d, ${range}`,
  );
}
