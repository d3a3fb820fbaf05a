// Failed AUTH commands, as smtpd(8) logs them: the client's failure or the server's own.

import { Words } from '../syslog/words.ts';
import { type Client, clientAt } from './client.ts';
import type { Fact } from './fact.ts';

/**
 * The server's own faults. Dovecot's authentication server gone or confused (xsasl_dovecot_server.c); the results for
 * which xsasl_cyrus_server.c answers 454 (SASL_FAIL, NOMEM, TRYAGAIN, UNAVAIL) and those of a library that is not set
 * up (NOMECH, NOTINIT, BADVERS), in the words of Cyrus SASL's sasl_errstring; a database that does not answer.
 */
const SERVER_FAULT =
  /^ ?(?:connection lost to authentication server|can(?:'|no)t connect to|authentication backend error|temporary |internal |generic failure|no memory available|transient failure|remote authentication server unavailable|no mechanism available|sasl library is not initialized|version mismatch with plug-in)/i;
/** RFC 4422 3.1 has up to 20 characters. What else a client sends as a mechanism may contain words of ours. */
const MECHANISM = /^[A-Za-z0-9_-]{1,32}$/;
/** Postfix cuts a mechanism to 100 characters. */
const MAX_MECHANISM = 120;
const MAX_REASON = 80;
const SASL = new Words(': SASL ');
const FAILED = ' authentication failed';
const USER = ', sasl_username=';
/** What Postfix prints where the authentication server did not say; a name is cut to 100 characters. */
const NO_USER = '(unavailable)';
const MAX_FAILED_USER = 100;
const ABORTED = ' authentication aborted';
/** Before Postfix 2.3 smtpd's words for what is no SMTP follow the client; in 2.0 a header has words of its own. */
const NOT_SMTP = /^ sent (?:non-SMTP command|[^ ]{1,40} header instead of SMTP command): /;

/**
 * Warnings that begin with the client: `CLIENT: SASL MECHANISM authentication failed[: REASON]` (smtpd_sasl_glue.c; up
 * to Postfix 2.2 without a reason), and `CLIENT sent non-SMTP command: TEXT` up to 2.2.
 */
export function clientWarning(message: string, from: number): Fact | undefined {
  const client = clientAt(message, from);
  if (client === undefined) return undefined;
  if (!SASL.standAt(message, client.end)) {
    return NOT_SMTP.test(message.slice(client.end, client.end + 100))
      ? { type: 'drop', client, class: 'protocol', isHastened: false }
      : undefined;
  }
  const mechanism = client.end + SASL.length;
  const end = failedAt(message, mechanism);
  if (end < 0 || end - mechanism > MAX_MECHANISM) {
    return message.endsWith(ABORTED) ? { type: 'auth-unjudged', client, why: 'given-up' } : undefined;
  }
  const rest = end + FAILED.length;
  if (rest === message.length) return { type: 'auth-failure', client };
  if (message.charCodeAt(rest) !== 58) return undefined;
  // Where a mechanism holds blanks, the words may stand in it, and Postfix's own after it.
  const isFault =
    SERVER_FAULT.test(message.slice(rest + 1, rest + 1 + MAX_REASON)) &&
    MECHANISM.test(message.slice(mechanism, end)) &&
    !message.includes(FAILED, rest);
  return isFault ? { type: 'auth-unjudged', client, why: 'server-fault' } : { type: 'auth-failure', client };
}

/**
 * The user of a failure, whole and exact: `…: SASL MECHANISM authentication failed: REASON, sasl_username=USER`
 * (smtpd_sasl_glue.c from 3.8.3, 3.7.8, 3.6.12 and 3.5.22 on). The reason is the server's; nothing follows the user.
 */
export function failedUser(message: string, { end }: Client): string | undefined {
  const mechanism = end + SASL.length;
  const blank = message.indexOf(' ', mechanism);
  if (!message.startsWith(FAILED, blank) || !MECHANISM.test(message.slice(mechanism, blank)))
    return undefined;
  const place = message.indexOf(USER, blank);
  const user = place < 0 ? '' : message.slice(place + USER.length);
  return user === '' || user === NO_USER || user.length >= MAX_FAILED_USER ? undefined : user;
}

/** Where the mechanism ends, which is one word unless its client wrote it to look like something else. */
function failedAt(message: string, mechanism: number): number {
  const end = message.indexOf(' ', mechanism);
  return message.startsWith(FAILED, end) ? end : message.indexOf(FAILED, mechanism);
}
