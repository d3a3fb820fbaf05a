// What lines that tell of a refusal look like, whether the log reader knows their form or not.

import { queueIdOf } from './queue-id.ts';

/** Cheap, because most lines are asked. */
const SIGNS = ['reject', 'authentication failed', 'limit exceeded', ' blocked '];

/** Actions of access(5) and header_checks(5) that refuse nothing, as smtpd and cleanup log them. */
const REFUSES_NOTHING = /^(?:reject_warning|warn|hold|discard|redirect|filter|prepend|replace|info|bcc): /;

export function looksLikeRefusal(message: string): boolean {
  return SIGNS.some((sign) => message.includes(sign));
}

/** Whether the line tells of an action, at most of a warning, that refused nothing. */
export function refusesNothing(message: string): boolean {
  return REFUSES_NOTHING.test(withoutQueueId(message));
}

/** The message behind its queue ID, if it has one. */
export function withoutQueueId(message: string): string {
  return message.slice((queueIdOf(message)?.length ?? -2) + 2);
}
