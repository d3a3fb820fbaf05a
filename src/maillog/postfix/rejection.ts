// Rejections as smtpd(8) and postscreen(8) log them: `[milter-|proxy-]reject: STAGE[ from CLIENT]: REPLY; ENVELOPE`.

import { Words } from '../syslog/words.ts';
import { type Client, clientAt } from './client.ts';
import type { Fact, RefusedBy, Stage } from './fact.ts';
import { isRelayDeferred } from './rejected-recipient.ts';
import { isPermanent, isTemporary } from './reply.ts';
import { stageEnd } from './stage.ts';

export const TEMPORARY: Fact = { type: 'uncounted', why: 'temporary' };

const RESTRICTION = new Words('reject: ');
const MILTER = new Words('milter-reject: ');
const PROXY = new Words('proxy-reject: ');
const FROM = new Words(' from ');

/** Warnings and holds are not rejections. */
export function rejectionFact(message: string, queueId: string | undefined): Fact | undefined {
  if (RESTRICTION.standAt(message, 0)) return refusedBy('restriction', RESTRICTION, message, queueId);
  if (MILTER.standAt(message, 0)) return refusedBy('milter', MILTER, message, queueId);
  return PROXY.standAt(message, 0) ? refusedBy('proxy', PROXY, message, queueId) : undefined;
}

function refusedBy(
  by: RefusedBy,
  words: Words,
  message: string,
  queueId: string | undefined,
): Fact | undefined {
  const end = stageEnd(message, words.length);
  if (end < 0) return undefined;
  const stage = message.slice(words.length, end);
  if (FROM.standAt(message, end)) {
    const client = clientAt(message, end + FROM.length);
    if (client === undefined || !message.startsWith(': ', client.end)) return undefined;
    return rejected(by, stage, queueId, client, message.slice(client.end + 2));
  }
  // proxy-reject (smtpd_proxy.c) names no client: its session does.
  return by === 'proxy' ? rejected(by, stage, queueId, undefined, message.slice(end + 2)) : undefined;
}

function rejected(
  by: RefusedBy,
  stage: Stage,
  queueId: string | undefined,
  client: Client | undefined,
  reply: string,
): Fact | undefined {
  if (isPermanent(reply)) return { type: 'reject', by, stage, queueId, client, reply };
  if (isTemporary(reply))
    return stage === 'RCPT' && isRelayDeferred(reply)
      ? { type: 'reject', by, stage, queueId, client, reply }
      : TEMPORARY;
  return reply.startsWith(BARE_LF) ? bareLineFeed(by, stage, queueId, client, reply) : undefined;
}

const BARE_LF = 'bare <LF> received';
const IN_MESSAGE = `${BARE_LF}; from=<`;

/**
 * smtpd_forbid_bare_newline = reject (3.9, and the last releases of 3.5 to 3.8). In a command it ends the session,
 * whatever the stage is that smtpd had come to (smtpd_proto); in a message it rejects the message, and the session goes
 * on (common_post_message_handling). After the end of a message smtpd has no sender but for that message.
 */
function bareLineFeed(
  by: RefusedBy,
  stage: Stage,
  queueId: string | undefined,
  client: Client | undefined,
  reply: string,
): Fact | undefined {
  if (stage === 'END-OF-MESSAGE' && reply.startsWith(IN_MESSAGE))
    return { type: 'reject', by, stage, queueId, client, reply };
  return client && { type: 'drop', client, class: 'protocol', isHastened: false };
}
