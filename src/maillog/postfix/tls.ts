// Failed TLS handshakes of smtpd(8): which side made them fail.

import { clientAt } from './client.ts';
import type { Fact } from './fact.ts';

/** The value of SSL_accept(3): the TLS library's own lines follow (tls_server.c, tls_server_start). */
const LIBRARY = /^(?:-1|0)$/;
/** ETIMEDOUT, in glibc's words, and in those of musl and the BSDs. */
const TIMED_OUT = /^(?:Connection|Operation) timed out$/;

/**
 * After `SSL_accept error from `: `CLIENT: REASON`. Postfix gave up where the handshake timed out. Every other system
 * error, and `lost connection` where there was none, says that the connection broke.
 */
export function handshakeFact(message: string, from: number): Fact | undefined {
  const client = clientAt(message, from);
  if (client === undefined) return undefined;
  const reason = message.slice(client.end + 2);
  if (LIBRARY.test(reason)) return { type: 'handshake', client };
  if (TIMED_OUT.test(reason)) return { type: 'drop', client, class: 'tls', isHastened: true };
  return { type: 'abandon', client };
}

/**
 * After `warning: TLS library problem: `: `error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:[DATA:]` (tls_misc.c,
 * tls_print_errors). The client ended the handshake where it closed the connection (OpenSSL 3 calls that an error), or
 * where it sent an alert, which OpenSSL logs as data: it refuses our certificate, our protocol, our ciphers.
 */
const CLOSED = /^error:[0-9A-F]{1,16}:[^:]{0,60}:[^:]{0,60}:unexpected eof while reading:/;
const ALERTED = /:SSL alert number \d{1,3}:$/;

export function tlsProblem(message: string, from: number): Fact {
  const text = message.slice(from, from + 1000);
  return { type: 'tls-problem', isClients: CLOSED.test(text) || ALERTED.test(text) };
}
