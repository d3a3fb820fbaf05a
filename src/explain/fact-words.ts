// The facts of the mail log in words, for administrators.

import type { Fact, RefusedBy } from '../maillog/postfix/fact.ts';

type HostFact = Extract<Fact, { type: 'tls-problem' | 'auth-server-lost' | 'stress' | 'screening-stress' }>;

const REJECTED_BY: Readonly<Record<RefusedBy, string>> = {
  restriction: '',
  milter: ' by a milter',
  proxy: ' by the before-queue content filter',
  content: ' by header or body checks',
};

/** A clause without a full stop. */
export function factWords(fact: Fact): string {
  switch (fact.type) {
    case 'connect':
      return 'a client connects';
    case 'disconnect':
      return 'the session ends';
    case 'drop':
      return `the server ends the connection (${fact.class})`;
    case 'notice':
      return `the client makes an error for which the server may end the connection (${fact.class})`;
    case 'idle':
      return 'the server stops waiting for a client that has sent its message';
    case 'handshake':
      return 'the TLS handshake fails';
    case 'abandon':
      return 'the client hangs up';
    case 'pass':
      return 'postscreen hands the client on to smtpd';
    case 'auth-failure':
      return 'a login fails';
    case 'auth-unjudged':
      return 'an AUTH command fails before the password is checked';
    case 'message':
      return fact.user === undefined ? 'a message begins' : 'a message from a client that logged in begins';
    case 'queued':
      return 'Postfix has accepted the message';
    case 'held':
      return 'the message is put on hold, as every message is';
    case 'proxy-accept':
      return 'the before-queue content filter accepts the message';
    case 'reject':
      return `rejected at ${fact.stage}${REJECTED_BY[fact.by]}`;
    case 'uncounted':
      return 'a rejection or a failure that is not counted';
    default:
      return hostWords(fact);
  }
}

/** The same, of a fact that names no client. */
function hostWords(fact: HostFact): string {
  switch (fact.type) {
    case 'tls-problem':
      return `the TLS library logs why a handshake failed: the ${fact.isClients ? 'client' : 'server'} caused it`;
    case 'auth-server-lost':
      return "smtpd cannot reach the authentication server: the failure that it logs next is not the client's fault";
    case 'stress':
      return 'a service has no process left: for 2,000 s, connections dropped at limits that Postfix shortens are not counted';
    case 'screening-stress':
      return fact.isOver ? 'postscreen leaves its STRESS mode' : 'postscreen enters its STRESS mode';
  }
}
