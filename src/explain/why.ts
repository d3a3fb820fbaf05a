// Why a line of a log is not counted, or not yet, in words for an administrator.

import { UNCOUNTED, type Uncounted } from '../maillog/postfix/uncounted.ts';

/** Reasons beyond those that the log reader has, and what it says otherwise of lines that may not be all there are. */
const WORDS = {
  'no-time': 'no time of a form that is known stands at its beginning',
  'no-process': 'no HOST PROGRAM[PID]: stands behind its time',
  'no-entry': 'it is no entry of a journal',
  'other-program': 'it is of a program that is not read',
  delivery: 'it tells what becomes of mail that Postfix accepted',
  'no-event': 'it tells of nothing that is counted',
  'no-refusal': 'nothing was refused',
  'unknown-refusal': 'it looks like a refusal or a failure, but is of no form that is known',
  session: 'it counts when the session ends, at its disconnect line',
  open: 'its disconnect line shows whether the server ended the connection, and counts if so',
  quit: 'the client ended the session itself, with QUIT',
  'no-address': "it is nobody's, since Postfix names no address",
  nobody: 'no line that was given says whose message it is',
  allowed: 'the client is on the allow list',
  'no-rule': 'no rule counts it',
} as const;

export type Why = Uncounted | keyof typeof WORDS;

export const WHY: Readonly<Record<Why, string>> = { ...UNCOUNTED, ...WORDS };
