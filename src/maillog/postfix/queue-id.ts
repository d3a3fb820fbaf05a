// The queue ID at the start of a log message.

import { Words } from '../syslog/words.ts';

/** Where smtpd has no queue file yet. */
export const NO_QUEUE = 'NOQUEUE';
const NO_QUEUE_YET = new Words(`${NO_QUEUE}: `);
/** Its first letter. */
const OF_NO_QUEUE = 78;

/** Characters of short IDs, which are hexadecimal, and of long ones. */
const SHORT = 1;
const LONG = 2;
const ALPHABETS = alphabets();
const MAX_LENGTH = 25;

/**
 * The queue ID, `NOQUEUE`, or undefined where the message begins with neither and a colon. Short IDs are hexadecimal;
 * long ones (postconf(5), enable_long_queue_ids) have digits and the consonants of both cases, so that no word such as
 * `warning` can be one. It is called for every line, so the characters are looked up one by one: a third of a regular
 * expression's time.
 */
export function queueIdOf(message: string): string | undefined {
  // Checks the first letter: for most lines that saves the comparison.
  if (message.charCodeAt(0) === OF_NO_QUEUE && NO_QUEUE_YET.standAt(message, 0)) return NO_QUEUE;
  let could = SHORT | LONG;
  let end = 0;
  for (; end <= MAX_LENGTH; end++) {
    const alphabet = ALPHABETS[message.charCodeAt(end)] ?? 0;
    if (alphabet === 0) break;
    could &= alphabet;
  }
  if (message.charCodeAt(end) !== 58 || message.charCodeAt(end + 1) !== 32) return undefined;
  const isId = (could & SHORT && end >= 5 && end <= 20) || (could & LONG && end >= 10 && end <= MAX_LENGTH);
  return isId ? message.slice(0, end) : undefined;
}

/** By character code. */
function alphabets(): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of '0123456789ABCDEF') table[character.charCodeAt(0)] = SHORT;
  for (const character of '0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz') {
    const code = character.charCodeAt(0);
    table[code] = (table[code] ?? 0) | LONG;
  }
  return table;
}
