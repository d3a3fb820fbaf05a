// The log lines of smtpd(8) about clients: connections, messages and rejections.

import { Words } from '../syslog/words.ts';
import { clientAt } from './client.ts';
import { connectionFact } from './connections.ts';
import { type Fact, MAX_USER } from './fact.ts';
import { NO_QUEUE, queueIdOf } from './queue-id.ts';
import { rejectionFact } from './rejection.ts';

export function smtpdFact(message: string): Fact | undefined {
  const id = queueIdOf(message);
  if (id === undefined) return connectionFact(message) ?? rejectionFact(message, undefined);
  const rest = message.slice(id.length + 2);
  const queueId = id === NO_QUEUE ? undefined : id;
  if (CLIENT.standAt(rest, 0)) return messageFact(rest, queueId);
  // smtpd puts the queue ID in front of more lines than rejections: from 3.10 on of how connections end.
  return rejectionFact(rest, queueId) ?? connectionFact(rest);
}

const CLIENT = new Words('client=');
const SASL = ', sasl_';
const SASL_USER = ', sasl_username=';
/** What follows a user. A sender is written as xtext (RFC 3461, 4), so it cannot contain these words. */
const AFTER_USER = [', sasl_sender=', ', orig_queue_id=', ', orig_client='];
const REQUEUED = ', orig_queue_id=';
const ORIGIN = /^(?:, orig_queue_id=[0-9A-Za-z]{1,32})?, orig_client=/;
const MAX_ORIGIN = 64;

/**
 * `client=CLIENT[, sasl_method=M][, sasl_username=USER][, sasl_sender=S][, orig_queue_id=ID][, orig_client=CLIENT]`
 * (smtpd.c, mail_open_stream). Before 2.8 there is no `orig_…`: the client that XFORWARD names stands after `client=`.
 */
function messageFact(rest: string, queueId: string | undefined): Fact | undefined {
  const client = clientAt(rest, CLIENT.length);
  if (client === undefined) return undefined;
  const { end } = client;
  if (end === rest.length)
    return { type: 'message', queueId, client, user: undefined, origin: undefined, isRequeued: false };
  // A user name may contain what looks like a client behind a filter: where there is one, there is no other.
  const user = rest.startsWith(SASL, end) ? saslUserAt(rest, end) : undefined;
  const origin = ORIGIN.exec(rest.slice(end, end + MAX_ORIGIN))?.[0].length;
  return {
    type: 'message',
    queueId,
    client,
    user,
    origin: origin === undefined ? undefined : clientAt(rest, end + origin),
    isRequeued: rest.includes(REQUEUED, end),
  };
}

function saslUserAt(text: string, from: number): string | undefined {
  const user = text.indexOf(SASL_USER, from);
  if (user < 0) return undefined;
  const begin = user + SASL_USER.length;
  const found = text.slice(begin, begin + MAX_USER);
  const ends = AFTER_USER.map((words) => found.indexOf(words)).filter((end) => end >= 0);
  return begin === text.length ? undefined : found.slice(0, Math.min(found.length, ...ends));
}
