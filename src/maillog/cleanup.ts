// What cleanup(8) logs when it refuses a message: header_checks, body_checks, and milters after the message.

import { type Client, clientAt } from './client.ts';
import type { Fact } from './fact.ts';
import { queueIdOf } from './queue-id.ts';
import { isPermanent, protoAt } from './reply.ts';

/** header_checks(5): the kinds of text that cleanup looks at. */
const CONTENT = /^reject: (?:header|body|mime-header|nested-header|mime|nested|content) /;
const MILTER = 'milter-reject: END-OF-MESSAGE from ';

export function cleanupFact(message: string): Fact | undefined {
  const queueId = queueIdOf(message);
  if (queueId === undefined) return undefined;
  const rest = message.slice(queueId.length + 2);
  if (rest.startsWith(MILTER)) {
    const client = clientAt(rest, MILTER.length);
    if (client === undefined || !rest.startsWith(': ', client.end)) return undefined;
    return rejected(queueId, client, rest.slice(client.end + 2));
  }
  return CONTENT.test(rest) ? contentRejected(queueId, rest) : undefined;
}

function rejected(queueId: string, client: Client | undefined, reply: string): Fact | undefined {
  return isPermanent(reply) ? { type: 'reject', stage: 'END-OF-MESSAGE', queueId, client, reply } : undefined;
}

/** What stands between the attacker's text and the reason; a HELO name cannot hold `<` or `>` (smtpd.c neuters them). */
const ENVELOPE_END = /^ proto=\S+(?: helo=<[^<>]*>)?: /;

/**
 * `reject: header TEXT from name[address]; from=<…> to=<…> proto=… helo=<…>: REASON`. The reason begins with 4.x.x
 * where the table says so, and is permanent otherwise. The client is left out: TEXT, which the sender wrote, stands
 * in front of it, so the queue ID's session must name it. The reply is put together as smtpd logs it.
 */
function contentRejected(queueId: string, rest: string): Fact | undefined {
  const proto = protoAt(rest);
  const end = ENVELOPE_END.exec(rest.slice(Math.max(0, proto)))?.[0].length ?? 0;
  const reason = end === 0 ? '' : rest.slice(proto + end);
  const code = /^[45]\.\d{1,3}\.\d{1,3} /.test(reason) ? '' : '5.7.1 ';
  const envelope = rest.slice(Math.max(0, rest.lastIndexOf('; from=<', proto)), Math.max(0, proto + end - 2));
  return rejected(queueId, undefined, `${code}${reason}${envelope}`);
}
