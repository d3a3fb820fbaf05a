// A notice: what a command reads on its standard input, and a webhook in its body.

import { visible } from '../terminal/text.ts';
import { isoText } from '../values/iso-time.ts';
import type { NoticeEvent } from './event.ts';
import { type Counts, type Gathered, totalOf } from './gathering.ts';
import { noticeText } from './notice-text.ts';

/** Raised with every change that a reader could misread. */
export const NOTICE_VERSION = 1;

/** Times in ISO 8601 UTC. */
export interface Notice {
  readonly version: number;
  /** a UUID: the same in each attempt to deliver this notice */
  readonly id: string;
  /** name of the host */
  readonly host: string;
  /** when the notice was made */
  readonly written: string;
  /** the same for people */
  readonly text: string;
  /** all events that it reports */
  readonly total: number;
  /** those of them that are not in `events`: too many at once, or of a notice that could not be delivered */
  readonly leftOut: number;
  /** all of them by kind */
  readonly counts: Counts;
  readonly events: readonly NoticeEvent[];
}

/** @param now ms since 1970 */
export function noticeOf({ events, counts }: Gathered, id: string, host: string, now: number): Notice {
  const total = totalOf(counts);
  const text = noticeText(visible(host), events, counts);
  const leftOut = total - events.length;
  return {
    version: NOTICE_VERSION,
    id,
    host: visible(host),
    written: isoText(now),
    text,
    total,
    leftOut,
    counts,
    events,
  };
}
