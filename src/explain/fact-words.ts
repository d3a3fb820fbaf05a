// What a fact of the mail log says, in words for an administrator.

import type { Fact, RefusedBy } from '../maillog/postfix/fact.ts';

const REFUSED_BY: Readonly<Record<RefusedBy, string>> = {
  restriction: '',
  milter: ' by a milter',
  proxy: ' by the filter in front of the queue',
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
      return `the server sees a fault, and may end the connection for it (${fact.class})`;
    case 'idle':
      return 'the server waits no longer for a client that has sent its message';
    case 'handshake':
      return 'the TLS handshake fails';
    case 'tls-problem':
      return `the TLS library says why a handshake failed: by the ${fact.isClients ? "client's" : "server's"} doing`;
    case 'abandon':
      return 'the client hangs up';
    case 'pass':
      return 'postscreen hands the client on to smtpd';
    case 'auth-failure':
      return 'a login fails';
    case 'auth-unjudged':
      return 'an AUTH command fails before the password is judged';
    case 'auth-server-lost':
      return "smtpd cannot reach the authentication server: the failure that it logs next is not its client's";
    case 'message':
      return fact.user === undefined ? 'a message begins' : 'a message of a client that logged in begins';
    case 'reject':
      return `refused at ${fact.stage}${REFUSED_BY[fact.by]}`;
    case 'uncounted':
      return 'a refusal or a failure that is not counted';
    case 'stress':
      return 'a service has no process left: drops at limits that Postfix shortens then charge nobody for 2,000 s';
    case 'screening-stress':
      return fact.isOver ? 'postscreen leaves its STRESS mode' : 'postscreen enters its STRESS mode';
  }
}
