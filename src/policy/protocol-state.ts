// The protocol states of requests, as numbers: where in a session Postfix asks.

import { isAt } from '../values/bytes.ts';

/**
 * Values of protocol_state: those of SMTPD_POLICY_README, and BDAT, where smtpd_data_restrictions ask (smtpd_proto in
 * smtpd.c sets `where` to the name of the command). The most frequent first.
 */
export const PROTOCOL_STATES = [
  'RCPT',
  'END-OF-MESSAGE',
  'CONNECT',
  'MAIL',
  'DATA',
  'BDAT',
  'EHLO',
  'HELO',
  'VRFY',
  'ETRN',
] as const;

/** The code of any other value. */
export const OTHER_STATE = PROTOCOL_STATES.length;

const NAMES = PROTOCOL_STATES.map((name) => Buffer.from(name));

/** The index of the state that stands from `start` to `end`. */
export function stateCodeOf(bytes: Buffer, start: number, end: number): number {
  for (let code = 0; code < OTHER_STATE; code++) {
    const name = NAMES[code];
    if (name?.length === end - start && isAt(name, bytes, start)) return code;
  }
  return OTHER_STATE;
}
