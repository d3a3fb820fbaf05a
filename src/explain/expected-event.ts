// The event that the end of a session is expected to give, from one of its lines.

import type { AbuseEvent } from '../blocks/events/event.ts';
import type { Fact } from '../maillog/postfix/fact.ts';

/** undefined where the fact does not show how the connection ends. */
export function expectedOf(fact: Fact): Pick<AbuseEvent, 'kind' | 'class'> | undefined {
  switch (fact.type) {
    case 'drop':
    case 'notice':
      return { kind: 'dropped-connection', class: fact.class };
    case 'idle':
      return { kind: 'dropped-connection', class: 'timeout' };
    case 'handshake':
      return { kind: 'dropped-connection', class: 'tls' };
    case 'abandon':
      return { kind: 'abandoned-connection', class: undefined };
    default:
      return undefined;
  }
}
