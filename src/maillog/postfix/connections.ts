// Starts and ends of connections to smtpd(8), as smtpd.c logs them. Reads from left to right, never text of a client.

import { Words } from '../syslog/words.ts';
import { type Client, clientAt } from './client.ts';
import type { DropClass, Fact } from './fact.ts';
import { type Beginning, Beginnings } from './prefix-table.ts';
import { clientWarning } from './sasl.ts';
import { clientAfterCount, clientAfterStage, stageEnd } from './stage.ts';
import { handshakeFact, tlsProblem } from './tls.ts';
import type { Uncounted } from './uncounted.ts';

/** Parses the rest of a message after its prefix. */
type Reader = (message: string, from: number) => Fact | undefined;

interface Statement extends Beginning {
  readonly read: Reader;
}

/** Where the client stands: at once, after the SMTP command or state, or after a count. */
type Place = (message: string, from: number) => Client | undefined;

const CONNECT = new Words('connect from ');
const DISCONNECT = new Words('disconnect from ');
const WARNING = new Words('warning: ');
/** First letters of these: checking one costs a tenth of a comparison, and every line of smtpd is checked. */
const OF_CONNECT = 99;
const OF_DISCONNECT = 100;
const OF_WARNING = 119;

const STATEMENTS = new Beginnings<Statement>([
  {
    words: 'lost connection after ',
    read: (message, from) => factOf('abandon', clientAfterStage(message, from)),
  },
  { words: 'timeout after ', read: timeout },
  { words: 'too many errors after ', read: drop('too-many-errors', clientAfterStage, true) },
  { words: 'improper command pipelining after ', read: pipelining },
  // 3.8 and before, with the patch against SMTP smuggling
  { words: 'bare <LF> received after ', read: drop('protocol', clientAfterStage) },
  { words: 'SSL_accept error from ', read: handshakeFact },
  // 421, and the end, where a client certificate is required (smtpd_start_tls)
  { words: 'abort: TLS from ', read: drop('tls', clientAt) },
  // From 2.7 on; after these words stands the reply of the before-queue filter (smtpd.c, common_post_message_handling).
  { words: 'proxy-accept: END-OF-MESSAGE: 2', read: () => ({ type: 'proxy-accept' }) },
]);

/** Messages after `warning: `. */
const WARNINGS = new Beginnings<Statement>([
  // smtpd.c prints the protocol that is spoken at that moment.
  { words: 'non-SMTP command from ', read: drop('protocol', clientAt) },
  { words: 'non-ESMTP command from ', read: drop('protocol', clientAt) },
  // At these limits of anvil(8) smtpd answers 421 and ends the connection; the next two are Postfix 2.1's words.
  { words: 'Connection rate limit exceeded: ', read: drop('rate-limit', clientAfterCount) },
  { words: 'Connection concurrency limit exceeded: ', read: drop('rate-limit', clientAfterCount) },
  { words: 'Too frequent connections: ', read: drop('rate-limit', clientAfterCount) },
  { words: 'Too many connections: ', read: drop('rate-limit', clientAfterCount) },
  { words: 'New TLS session rate limit exceeded: ', read: drop('rate-limit', clientAfterCount) },
  { words: 'Refusing TLS service request from ', read: drop('rate-limit', clientAt) },
  // At these it answers 450 or 454 and goes on.
  { words: 'Refusing STARTTLS request from ', read: aside('rate-limit') },
  { words: 'Message delivery request rate limit exceeded: ', read: aside('rate-limit') },
  { words: 'Recipient address rate limit exceeded: ', read: aside('rate-limit') },
  { words: 'AUTH command rate limit exceeded: ', read: authLimit },
  { words: 'Wrapper-mode request dropped from ', read: aside('server-fault') },
  // xsasl_dovecot_server.c
  { words: 'SASL: ', read: () => ({ type: 'auth-server-lost' }) },
  { words: 'TLS library problem: ', read: tlsProblem },
]);

/** The fact about a connection; undefined where the message is about something else. */
export function connectionFact(message: string): Fact | undefined {
  switch (message.charCodeAt(0)) {
    case OF_CONNECT:
      return CONNECT.standAt(message, 0) ? factOf('connect', clientAt(message, CONNECT.length)) : undefined;
    case OF_DISCONNECT:
      return DISCONNECT.standAt(message, 0) ? disconnect(message, DISCONNECT.length) : undefined;
    case OF_WARNING:
      return WARNING.standAt(message, 0) ? warned(message, WARNING.length) : undefined;
    default: {
      const found = STATEMENTS.of(message, 0);
      return found?.read(message, found.words.length);
    }
  }
}

function warned(message: string, from: number): Fact | undefined {
  const warning = WARNINGS.of(message, from);
  return warning === undefined
    ? clientWarning(message, from)
    : warning.read(message, from + warning.words.length);
}

function factOf(type: 'connect' | 'abandon' | 'idle', client: Client | undefined): Fact | undefined {
  return client && { type, client };
}

function drop(of: DropClass, place: Place, isHastened = false): Reader {
  return (message, from) => {
    const client = place(message, from);
    return client && { type: 'drop', client, class: of, isHastened };
  };
}

function aside(why: Uncounted): Reader {
  return () => ({ type: 'uncounted', why });
}

/** From 3.0 on the commands of the session are counted after the client (smtpd_format_cmd_stats). */
function disconnect(message: string, from: number): Fact | undefined {
  const client = clientAt(message, from);
  return client && { type: 'disconnect', client, message };
}

const TIMED_OUT = drop('timeout', clientAfterStage, true);
const IDLE = 'END-OF-MESSAGE from ';

/** After the end of a message the client was done: it was idle, if the message was accepted. */
function timeout(message: string, from: number): Fact | undefined {
  return message.startsWith(IDLE, from)
    ? factOf('idle', clientAt(message, from + IDLE.length))
    : TIMED_OUT(message, from);
}

/** smtpd_flag_ill_pipelining: smtpd ends the session only with smtpd_forbid_unauth_pipelining (3.9's default). */
function pipelining(message: string, from: number): Fact | undefined {
  const client = clientAfterStage(message, from);
  const command = message.slice(from, stageEnd(message, from));
  return client && { type: 'notice', client, class: 'protocol', command };
}

function authLimit(message: string, from: number): Fact | undefined {
  const client = clientAfterCount(message, from);
  return client && { type: 'auth-unjudged', client, why: 'rate-limit' };
}
