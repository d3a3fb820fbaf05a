// What postscreen(8) logs about its clients (POSTSCREEN_README); the client is always `[address]:port`.

import { type Beginning, Beginnings } from './beginnings.ts';
import { clientAt } from './client.ts';
import type { Fact } from './fact.ts';
import { isPermanent } from './reply.ts';

const REJECT_RCPT = 'NOQUEUE: reject: RCPT from ';

interface Statement extends Beginning {
  readonly type: 'drop' | 'abandon' | 'pass' | 'disconnect';
  /** a time, a count or both stand between the words and ` from ` */
  readonly isTimed?: true;
}

/** A test that only warned ends in PASS, and then nothing was dropped. */
const STATEMENTS = new Beginnings<Statement>([
  { words: 'DISCONNECT ', type: 'disconnect' },
  { words: 'PASS NEW ', type: 'pass' },
  { words: 'PASS OLD ', type: 'pass' },
  { words: 'NOQUEUE: reject: CONNECT from ', type: 'drop' },
  { words: 'NON-SMTP COMMAND from ', type: 'drop' },
  { words: 'COMMAND PIPELINING from ', type: 'drop' },
  { words: 'COMMAND TIME LIMIT from ', type: 'drop' },
  { words: 'COMMAND COUNT LIMIT from ', type: 'drop' },
  { words: 'COMMAND LENGTH LIMIT from ', type: 'drop' },
  { words: 'BARE NEWLINE from ', type: 'drop' },
  { words: 'DATA without valid RCPT from ', type: 'drop' },
  { words: 'BDAT without valid RCPT from ', type: 'drop' },
  { words: 'PREGREET ', type: 'drop', isTimed: true },
  { words: 'HANGUP ', type: 'abandon', isTimed: true },
]);

/** `PREGREET 14 after 0.08 from [address]:port: TEXT`, `HANGUP after 0.5 from [address]:port in TESTS` */
const TIMED = /^(?:PREGREET \d{1,10}|HANGUP) after [\d.]{1,16} from /;

export function postscreenFact(message: string): Fact | undefined {
  if (message.startsWith(REJECT_RCPT)) return rejection(message);
  const found = STATEMENTS.of(message);
  const words = found?.isTimed ? TIMED.exec(message)?.[0] : found?.words;
  if (found === undefined || words === undefined) return undefined;
  const client = clientAt(message, words.length);
  return client && { type: found.type, client };
}

function rejection(message: string): Fact | undefined {
  const client = clientAt(message, REJECT_RCPT.length);
  if (client === undefined || !message.startsWith(': ', client.end)) return undefined;
  const reply = message.slice(client.end + 2);
  return isPermanent(reply)
    ? { type: 'reject', stage: 'RCPT', queueId: undefined, client, reply }
    : undefined;
}
