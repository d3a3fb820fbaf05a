// Signs of a refusal in a log line, also in forms that the log reader does not know.

import { queueIdOf } from './queue-id.ts';

/** Cheap, because it is called for most lines. */
const SIGNS = ['reject', 'authentication failed', 'limit exceeded', ' blocked '];

/** Actions of access(5) and header_checks(5) that refuse nothing, as smtpd and cleanup log them. */
const REFUSES_NOTHING = /^(?:reject_warning|warn|hold|discard|redirect|filter|prepend|replace|info|bcc): /;

export function looksLikeRefusal(message: string): boolean {
  return SIGNS.some((sign) => message.includes(sign));
}

/** Whether the line is about an action that refused nothing, such as a warning. */
export function refusesNothing(message: string): boolean {
  return REFUSES_NOTHING.test(withoutQueueId(message));
}

/** The message after its queue ID, if it has one. */
export function withoutQueueId(message: string): string {
  return message.slice((queueIdOf(message)?.length ?? -2) + 2);
}
