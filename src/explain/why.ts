// The reasons why a line is not counted, or not yet, in words for administrators.

import { UNCOUNTED, type Uncounted } from '../maillog/postfix/uncounted.ts';

/** Reasons that the log reader does not have. `nobody` replaces its own: here some lines of the log may be missing. */
const WORDS = {
  'no-time': 'it does not start with a time in a known form',
  'no-process': 'no HOST PROGRAM[PID]: follows its time',
  'no-entry': 'it is not a journal entry',
  'other-program': 'it is from a program that is not read',
  delivery: 'it is about mail that Postfix has accepted',
  'no-event': 'it reports nothing that is counted',
  'no-sender': 'the message is counted already, or no earlier line in the input names its client',
  share: 'it counts in favor of the client',
  'no-share': 'no rule compares it with what it counts',
  'no-refusal': 'nothing was rejected',
  'unknown-refusal': 'it looks like a rejection or a failure, but its form is not known',
  session: 'it counts when the session ends, at the disconnect line',
  open: 'the disconnect line shows whether the server ended the connection; if so, it counts',
  quit: 'the client ended the session with QUIT',
  'no-address': 'Postfix names no client address',
  nobody: 'no earlier line in the input names the client of this message',
  allowed: 'the client is on the allow list',
  'no-rule': 'no rule counts it',
} as const;

export type Why = Uncounted | keyof typeof WORDS;

export const WHY: Readonly<Record<Why, string>> = { ...UNCOUNTED, ...WORDS };
