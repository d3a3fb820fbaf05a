// The log lines of smtpd(8) about clients: connections, messages and rejections.

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
  if (rest.startsWith(CLIENT)) return messageFact(rest, queueId);
  // smtpd puts the queue ID in front of more lines than rejections: from 3.10 on of how connections end.
  return rejectionFact(rest, queueId) ?? connectionFact(rest);
}

const CLIENT = 'client=';
const SASL = ', sasl_';
const SASL_USER = ', sasl_username=';
const ORIGIN = /^(?:, orig_queue_id=[0-9A-Za-z]{1,32})?, orig_client=/;
const MAX_ORIGIN = 64;

/** `client=CLIENT[, sasl_method=M, sasl_username=USER][, orig_queue_id=ID][, orig_client=CLIENT]` (smtpd.c, mail_open_stream) */
function messageFact(rest: string, queueId: string | undefined): Fact | undefined {
  const client = clientAt(rest, CLIENT.length);
  if (client === undefined) return undefined;
  const { end } = client;
  if (end === rest.length) return { type: 'message', queueId, client, user: undefined, origin: undefined };
  // A user name may contain what looks like a client behind a filter: where there is one, there is no other.
  const user = rest.startsWith(SASL, end) ? saslUserAt(rest, end) : undefined;
  const origin = ORIGIN.exec(rest.slice(end, end + MAX_ORIGIN))?.[0].length;
  return {
    type: 'message',
    queueId,
    client,
    user,
    origin: origin === undefined ? undefined : clientAt(rest, end + origin),
  };
}

function saslUserAt(text: string, from: number): string | undefined {
  const user = text.indexOf(SASL_USER, from);
  if (user < 0) return undefined;
  const begin = user + SASL_USER.length;
  return begin === text.length ? undefined : text.slice(begin, begin + MAX_USER);
}
