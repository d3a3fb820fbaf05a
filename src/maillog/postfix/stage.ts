// The SMTP command or state in a log message, and the client after it.

import { Words } from '../syslog/words.ts';
import { type Client, clientAt } from './client.ts';

const MAX_STAGE = 24;
/** ` (2048 bytes)` after DATA and BDAT, in earlier versions `(approximately 2048 bytes)` */
const BYTES = ' bytes)';
const MAX_BYTES = 40;
const FROM = new Words(' from ');

/** Where the stage that begins at `from` ends; -1 where none begins there. Stages are words such as RCPT or END-OF-MESSAGE. */
export function stageEnd(message: string, from: number): number {
  let end = from;
  while (end - from < MAX_STAGE && isStageLetter(message.charCodeAt(end))) end++;
  return end === from ? -1 : end;
}

function isStageLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || code === 45;
}

/** The client of `STAGE[ (N bytes)] from CLIENT` (smtpd.c, smtpd_proto). */
export function clientAfterStage(message: string, from: number): Client | undefined {
  let end = stageEnd(message, from);
  if (end < 0) return undefined;
  if (message.startsWith(' (', end)) {
    const close = message.indexOf(BYTES, end);
    if (close < 0 || close - end > MAX_BYTES) return undefined;
    end = close + BYTES.length;
  }
  return FROM.standAt(message, end) ? clientAt(message, end + FROM.length) : undefined;
}

/** The client of `COUNT from CLIENT` (smtpd.c, where anvil(8)'s counts are over a limit). */
export function clientAfterCount(message: string, from: number): Client | undefined {
  const place = message.indexOf(' from ', from);
  return isNumber(message, from, place) ? clientAt(message, place + 6) : undefined;
}

function isNumber(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) < 48 || text.charCodeAt(i) > 57) return false;
  return to > from;
}
