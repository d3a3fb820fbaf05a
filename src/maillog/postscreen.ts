// What postscreen(8) logs about its clients (POSTSCREEN_README); the client is always `[address]:port`.

import { clientAt } from './client.ts';
import type { Fact } from './fact.ts';
import { isPermanent } from './reply.ts';

const REJECT_RCPT = 'NOQUEUE: reject: RCPT from ';

/** Lines that begin with WORDS and the client. A test that only warned ends in PASS, and then nothing was dropped. */
const STATEMENTS: readonly (readonly [
  string,
  Fact['type'] & ('drop' | 'abandon' | 'pass' | 'disconnect'),
])[] = [
  ['DISCONNECT ', 'disconnect'],
  ['PASS NEW ', 'pass'],
  ['PASS OLD ', 'pass'],
  ['NOQUEUE: reject: CONNECT from ', 'drop'],
  ['NON-SMTP COMMAND from ', 'drop'],
  ['COMMAND PIPELINING from ', 'drop'],
  ['COMMAND TIME LIMIT from ', 'drop'],
  ['COMMAND COUNT LIMIT from ', 'drop'],
  ['COMMAND LENGTH LIMIT from ', 'drop'],
  ['BARE NEWLINE from ', 'drop'],
  ['DATA without valid RCPT from ', 'drop'],
  ['BDAT without valid RCPT from ', 'drop'],
];

/** `PREGREET 14 after 0.08 from [address]:port: TEXT`, `HANGUP after 0.5 from [address]:port in TESTS` */
const TIMED: readonly (readonly [string, 'drop' | 'abandon'])[] = [
  ['PREGREET ', 'drop'],
  ['HANGUP after ', 'abandon'],
];
const MAX_TIME = 48;

export function postscreenFact(message: string): Fact | undefined {
  if (message.startsWith(REJECT_RCPT)) return rejection(message);
  for (const [words, type] of STATEMENTS) {
    if (!message.startsWith(words)) continue;
    const client = clientAt(message, words.length);
    return client && { type, client };
  }
  for (const [words, type] of TIMED) {
    if (!message.startsWith(words)) continue;
    const place = message.indexOf(' from ', words.length);
    const client = place < 0 || place > MAX_TIME ? undefined : clientAt(message, place + 6);
    return client && { type, client };
  }
  return undefined;
}

function rejection(message: string): Fact | undefined {
  const client = clientAt(message, REJECT_RCPT.length);
  if (client === undefined || !message.startsWith(': ', client.end)) return undefined;
  const reply = message.slice(client.end + 2);
  return isPermanent(reply)
    ? { type: 'reject', stage: 'RCPT', queueId: undefined, client, reply }
    : undefined;
}
