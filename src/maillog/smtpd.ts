// What smtpd(8) logs about its clients. Read from left to right; what a client wrote is never looked at.

import { type Beginning, Beginnings } from './beginnings.ts';
import { type Client, clientAt } from './client.ts';
import { type Fact, MAX_USER } from './fact.ts';
import { NO_QUEUE, queueIdOf } from './queue-id.ts';
import { isPermanent } from './reply.ts';

interface Statement extends Beginning {
  readonly type: 'connect' | 'disconnect' | 'drop' | 'abandon';
  /** what stands between the words and the client: Postfix's own word for the state (smtpd.c `where`), or a count */
  readonly clientAfter?: (message: string, from: number) => Client | undefined;
}

const STATEMENTS = new Beginnings<Statement>([
  { words: 'connect from ', type: 'connect' },
  { words: 'disconnect from ', type: 'disconnect' },
  { words: 'lost connection after ', type: 'abandon', clientAfter: clientAfterState },
  { words: 'timeout after ', type: 'drop', clientAfter: clientAfterState },
  { words: 'too many errors after ', type: 'drop', clientAfter: clientAfterState },
  { words: 'improper command pipelining after ', type: 'drop', clientAfter: clientAfterState },
  { words: 'bare <LF> received after ', type: 'drop', clientAfter: clientAfterState },
  // smtpd.c prints the protocol that is spoken at that moment.
  { words: 'warning: non-SMTP command from ', type: 'drop' },
  { words: 'warning: non-ESMTP command from ', type: 'drop' },
  // anvil(8): at these two limits smtpd answers 421 and ends the connection; at the others it goes on.
  { words: 'warning: Connection rate limit exceeded: ', type: 'drop', clientAfter: clientAfterCount },
  { words: 'warning: Connection concurrency limit exceeded: ', type: 'drop', clientAfter: clientAfterCount },
]);

/** ` (2048 bytes)` behind DATA and BDAT, in earlier versions `(approximately 2048 bytes)` */
const BYTES = ' bytes)';
const MAX_BYTES = 40;

const TLS_ERROR = 'SSL_accept error from ';

/** TLS handshakes that failed because the client went away: it hung up, nobody dropped it. */
const HUNG_UP = ['lost connection', 'Connection reset by peer'];

export function smtpdFact(message: string): Fact | undefined {
  const id = queueIdOf(message);
  if (id === undefined) return statement(message) ?? rejection(message, undefined);
  const rest = message.slice(id.length + 2);
  const queueId = id === NO_QUEUE ? undefined : id;
  if (rest.startsWith('client=')) {
    const client = clientAt(rest, 7);
    return client && { type: 'message', queueId, client, user: saslUserAt(rest, client.end) };
  }
  // From 3.10 on smtpd puts the queue ID in front of more lines than rejections.
  return rejection(rest, queueId) ?? statement(rest);
}

const SASL = ', sasl_';
const SASL_USER = ', sasl_username=';

/** Behind the client of a session that logged in: `, sasl_method=MECHANISM, sasl_username=USER`. */
function saslUserAt(text: string, from: number): string | undefined {
  const user = text.startsWith(SASL, from) ? text.indexOf(SASL_USER, from) : -1;
  if (user < 0) return undefined;
  const begin = user + SASL_USER.length;
  return begin === text.length ? undefined : text.slice(begin, begin + MAX_USER);
}

function statement(message: string): Fact | undefined {
  const found = STATEMENTS.of(message);
  if (found !== undefined) {
    const { words, type, clientAfter = clientAt } = found;
    return told(type, clientAfter(message, words.length));
  }
  if (message.startsWith(TLS_ERROR)) return tlsError(message);
  return message.startsWith('warning: ') ? authFailure(message) : undefined;
}

function told(
  type: 'connect' | 'disconnect' | 'drop' | 'abandon' | 'auth-failure',
  client: Client | undefined,
): Fact | undefined {
  return client && { type, client };
}

function clientAfterState(message: string, from: number): Client | undefined {
  let end = stageEnd(message, from);
  if (end < 0) return undefined;
  if (message.startsWith(' (', end)) {
    const close = message.indexOf(BYTES, end);
    if (close < 0 || close - end > MAX_BYTES) return undefined;
    end = close + BYTES.length;
  }
  return message.startsWith(' from ', end) ? clientAt(message, end + 6) : undefined;
}

function clientAfterCount(message: string, from: number): Client | undefined {
  const place = message.indexOf(' from ', from);
  return isNumber(message, from, place) ? clientAt(message, place + 6) : undefined;
}

function isNumber(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) < 48 || text.charCodeAt(i) > 57) return false;
  return to > from;
}

function tlsError(message: string): Fact | undefined {
  const client = clientAt(message, TLS_ERROR.length);
  const reason = client && message.slice(client.end + 2);
  return told(HUNG_UP.includes(reason ?? '') ? 'abandon' : 'drop', client);
}

/** `warning: name[address]: SASL MECHANISM authentication failed: REASON` (smtpd_sasl_glue.c). */
function authFailure(message: string): Fact | undefined {
  const client = clientAt(message, 9);
  if (client === undefined || !message.startsWith(': SASL ', client.end)) return undefined;
  const mechanism = client.end + 7;
  const words = message.indexOf(' ', mechanism);
  const reason = words + FAILED.length;
  if (words < 0 || !message.startsWith(FAILED, words)) return undefined;
  return isServerFault(message.slice(reason, reason + 80)) ? undefined : told('auth-failure', client);
}

const FAILED = ' authentication failed:';

/**
 * The server's own faults: Dovecot gone (xsasl_dovecot_server.c), a temporary failure of its database, Cyrus SASL
 * without its saslauthd (SASL_FAIL is `generic failure`).
 */
const SERVER_FAULT =
  /^ ?(?:connection lost to authentication server|temporary |internal |generic failure|cannot connect to|no mechanism available)/i;

function isServerFault(reason: string): boolean {
  return SERVER_FAULT.test(reason);
}

/** Words before the stage: the restriction lists, a milter, a proxy filter. Warnings and holds are no rejections. */
const REJECTIONS = new Beginnings([
  { words: 'reject: ' },
  { words: 'milter-reject: ' },
  { words: 'proxy-reject: ' },
]);
const MAX_STAGE = 24;

function rejection(message: string, queueId: string | undefined): Fact | undefined {
  const words = REJECTIONS.of(message)?.words;
  if (words === undefined) return undefined;
  const end = stageEnd(message, words.length);
  if (end < 0) return undefined;
  const stage = message.slice(words.length, end);
  if (message.startsWith(' from ', end)) {
    const client = clientAt(message, end + 6);
    if (client === undefined || !message.startsWith(': ', client.end)) return undefined;
    return permanent(stage, queueId, client, message.slice(client.end + 2));
  }
  // proxy-reject (smtpd_proxy.c) names no client: its session does.
  return words === 'proxy-reject: '
    ? permanent(stage, queueId, undefined, message.slice(end + 2))
    : undefined;
}

function permanent(
  stage: string,
  queueId: string | undefined,
  client: Client | undefined,
  reply: string,
): Fact | undefined {
  return isPermanent(reply) ? { type: 'reject', stage, queueId, client, reply } : undefined;
}

/** Stages are words such as RCPT or END-OF-MESSAGE. */
function stageEnd(message: string, from: number): number {
  let end = from;
  while (end - from < MAX_STAGE && isStageLetter(message.charCodeAt(end))) end++;
  return end === from ? -1 : end;
}

function isStageLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || code === 45;
}
