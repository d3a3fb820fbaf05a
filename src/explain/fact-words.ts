// What a fact of the mail log says, in words for an administrator.

import type { Fact } from '../maillog/fact.ts';

const WORDS: Readonly<Record<string, string>> = {
  connect: 'a client connects',
  disconnect: 'the session ends',
  drop: 'the server ends the connection',
  abandon: 'the client hangs up',
  pass: 'postscreen hands the client on to smtpd',
  'auth-failure': 'a login fails',
  stress: 'a service has no process left: drops charge nobody for 2,000 s',
};

/** A clause without a full stop. */
export function factWords(fact: Fact): string {
  if (fact.type === 'reject') return `refused at ${fact.stage}`;
  if (fact.type !== 'message') return WORDS[fact.type] ?? fact.type;
  return fact.user === undefined ? 'a message begins' : 'a message of a client that logged in begins';
}
