// Which events a target gets: those of its kinds, and of its rules.

import type { NoticeTarget } from '../config/fields/notice-fields.ts';
import type { NoticeEvent } from './event.ts';

export function isWanted(
  event: NoticeEvent,
  { events, rules }: Pick<NoticeTarget, 'events' | 'rules'>,
): boolean {
  if (!events.includes(event.event)) return false;
  // The breaker reports itself, with its figures.
  if (event.event === 'trouble') return event.what !== 'breaker-open' || !events.includes('breaker');
  return event.rule === undefined || rules === undefined || rules.includes(event.rule);
}
