// The event that a session will end with, as one of its lines foretells it.

import type { AbuseEvent } from '../blocks/events/event.ts';
import type { Fact } from '../maillog/postfix/fact.ts';

/** undefined where the fact says nothing of how the connection ends. */
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
