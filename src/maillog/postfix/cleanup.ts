// Rejections by cleanup(8): header_checks, body_checks, MIME errors, and milters at the end of the message.

import { clientAt } from './client.ts';
import type { Fact } from './fact.ts';
import { queueIdOf } from './queue-id.ts';
import { TEMPORARY } from './rejection.ts';
import { isPermanent, isTemporary, protoAt } from './reply.ts';

/**
 * The kinds of text that cleanup looks at (cleanup_message.c, cleanup_act and cleanup_mime_error_callback), and the
 * headers that a milter added (cleanup_milter.c, cleanup_milter_hbc_log). header_checks(5) has more names for them.
 */
const CONTENT =
  /^(?:reject: (?:header|body|mime-header|nested-header|mime|nested|content|mime-error)|milter-(?:header|body)-reject: (?:header|body)) /;
const MIME_ERROR = 'reject: mime-error ';
const MILTER = 'milter-reject: END-OF-MESSAGE from ';
/**
 * `hold: header TEXT from CLIENT; …` (cleanup_message.c, cleanup_act_log). The first header of every message is the
 * Received: header of this host: to hold that is to hold every message, for a program that takes them from the hold queue.
 * Any other hold is for a human, who will release the message or not: until then nobody has accepted it.
 */
const HELD = 'hold: header Received: ';

export function cleanupFact(message: string): Fact | undefined {
  const queueId = queueIdOf(message);
  if (queueId === undefined) return undefined;
  const rest = message.slice(queueId.length + 2);
  if (rest.startsWith(MILTER)) return milterRejected(queueId, rest);
  if (rest.startsWith(HELD)) return { type: 'held', queueId };
  // Most of its lines have a message-id: for them this saves the regular expression.
  const isRejection = rest.startsWith('reject: ') || rest.startsWith('milter-');
  return isRejection && CONTENT.test(rest) ? contentRejected(queueId, rest) : undefined;
}

function milterRejected(queueId: string, rest: string): Fact | undefined {
  const client = clientAt(rest, MILTER.length);
  if (client === undefined || !rest.startsWith(': ', client.end)) return undefined;
  const reply = rest.slice(client.end + 2);
  if (isTemporary(reply)) return TEMPORARY;
  return isPermanent(reply)
    ? { type: 'reject', by: 'milter', stage: 'END-OF-MESSAGE', queueId, client, reply }
    : undefined;
}

/**
 * `reject: header TEXT from CLIENT; from=<…> to=<…> proto=… helo=<…>: REASON`. The client is left out: TEXT, which the
 * sender wrote, stands in front of it, so the queue ID's session must name it. The reply is put together as smtpd logs
 * it. A MIME error has no reason in the log; its status is 5.6.0 (mime_state.c).
 */
function contentRejected(queueId: string, rest: string): Fact {
  const isMime = rest.startsWith(MIME_ERROR);
  if (!isMime && isSurelyTemporary(rest)) return TEMPORARY;
  const reply = isMime ? `5.6.0 ${rest.slice(MIME_ERROR.length)}` : contentReply(rest);
  return { type: 'reject', by: 'content', stage: 'END-OF-MESSAGE', queueId, client: undefined, reply };
}

/** After the text that was refused: the client as smtpd passed it to cleanup, or `local`, or `unknown`. */
const ORIGIN = / from (?:[^ []{0,255}\[[^\]]{1,64}\](?::\d{1,5})?|local|unknown);/;
/**
 * Where a reason may begin: after an address or a HELO name, after the protocol, or at once after the client. An
 * address may contain anything, and a REJECT text may quote the header that it is about ($1 in header_checks(5)).
 */
const PERMANENT = /(?:>| proto=[^ ]{1,20}|;): (?!4\.\d{1,3}\.\d{1,3} )/;
const REASON = /(?:>| proto=[^ ]{1,20}|;): 4\.\d{1,3}\.\d{1,3} /;
/** Postfix cuts a message at 2,000 characters (msg_syslog.c), and the syslog of RFC 3164 a whole line at 1,024. */
const MAX_WHOLE = 900;

/**
 * A reason that begins with 4.x.x is temporary, and the sender must not be the one who says so: every place where the
 * reason may begin has to say it, and the line must be whole.
 */
function isSurelyTemporary(rest: string): boolean {
  if (rest.length > MAX_WHOLE || !rest.includes(': 4.')) return false;
  const envelope = rest.slice(Math.max(0, rest.search(ORIGIN)));
  return REASON.test(envelope) && !PERMANENT.test(envelope);
}

/** What stands between the text that was refused and the reason; a HELO name cannot contain `<` or `>`. */
const ENVELOPE_END = /^ proto=\S+(?: helo=<[^<>]*>)?: /;

/** The reason as smtpd would log it; shown to support only. */
function contentReply(rest: string): string {
  const proto = protoAt(rest);
  const end = ENVELOPE_END.exec(rest.slice(Math.max(0, proto)))?.[0].length ?? 0;
  const reason = end === 0 ? '' : rest.slice(proto + end);
  const code = /^[45]\.\d{1,3}\.\d{1,3} /.test(reason) ? '' : '5.7.1 ';
  const envelope = rest.slice(Math.max(0, rest.lastIndexOf('; from=<', proto)), Math.max(0, proto + end - 2));
  return `${code}${reason}${envelope}`;
}
