// The command counts at the end of a disconnect line: how many commands a session sent, and how many succeeded.

import type { Client } from './postfix/client.ts';
import type { Session } from './session.ts';

/** AUTH commands of one session that are counted: Postfix ends it at 20 errors (smtpd_hard_error_limit). */
const MAX_LOGINS = 1000;
const REFUSED = ' auth=0/';
const MAX_DIGITS = 9;
const ZERO = 48;
const NINE = 57;
const EQUALS = 61;

/** The counts follow the client of the line. */
export function countsIn(message: string | undefined, { end }: Client): string | undefined {
  return message?.slice(end);
}

/** AUTH commands that Postfix answered without a log line, since it does not offer AUTH there (smtpd_sasl_proto.c). */
export function refusedLogins({ command }: Session, counts: string): number {
  const start = counts.indexOf(REFUSED);
  if (start < 0) return 0;
  const from = start + REFUSED.length;
  const all = Number.parseInt(counts.slice(from, from + MAX_DIGITS), 10) || 0;
  // The one at which the session ended was not answered.
  return Math.min(command === 'AUTH' ? all - 1 : all, MAX_LOGINS);
}

/**
 * Whether all commands of a session succeeded: ` commands=ALL`, not ` commands=SUCCESSES/ALL`. Asked for each session;
 * in most of them all succeed.
 */
export function haveSucceeded(message: string): boolean {
  let at = message.length - 1;
  for (; at > 0; at--) {
    const code = message.charCodeAt(at);
    if (code < ZERO || code > NINE) return code === EQUALS;
  }
  return false;
}
