// The user of a login, as a hash: enough to tell users apart, without keeping a name.

import { hash } from 'node:crypto';

/** smtpd_sasl_glue.c (from 20231006 on): what follows the reason of a failure, `(unavailable)` where it is not known */
const USER = ', sasl_username=';
/** smtpd_sasl_glue.c cuts a name to so many characters in a failure. */
const MAX_USER = 100;

/** Of SHA-256 in hexadecimal, what fits an exact number. */
const HASH_DIGITS = 12;
const MAX_ASCII = 127;
const UPPER_A = 65;
const UPPER_Z = 90;
const TO_LOWER = 32;

/**
 * 48 bits of the SHA-256 of what Postfix prints: nobody can choose a user whose hash is that of another. Without the case
 * of ASCII letters: many servers ignore it, and a client that writes one user in many ways must not count as many users.
 * For failures and logins that are compared over hours; it survives in snapshots.
 */
export function userHash(user: string): number {
  return Number.parseInt(hash('sha256', bytesOf(user)).slice(0, HASH_DIGITS), 16);
}

/** In lower case. Log text is bytes read as latin1. ASCII is hashed as text: for a Buffer it takes three times as long. */
function bytesOf(text: string): string | Buffer {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > MAX_ASCII) return lowerBytes(text);
  return text.toLowerCase();
}

function lowerBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  for (const [i, byte] of bytes.entries()) if (byte >= UPPER_A && byte <= UPPER_Z) bytes[i] = byte + TO_LOWER;
  return bytes;
}

/** FNV-1a of what Postfix prints of a user, whatever its case. */
export function hashOfUser(user: string): number {
  let hash = 0x811c9dc5;
  const name = user.slice(0, MAX_USER).toLowerCase();
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * The user in the message about a failed login. Undefined where it names none, or one without a domain: that may be any
 * user, since the server completes only names that it knows.
 */
export function failedUserHash(message: string): number | undefined {
  const place = message.indexOf(USER);
  const user = place < 0 ? '' : message.slice(place + USER.length);
  return user.includes('@') ? hashOfUser(user) : undefined;
}
