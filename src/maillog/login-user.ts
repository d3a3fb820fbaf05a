// The user of a login, as a hash: enough to tell users apart, without keeping a name.

import { hash } from 'node:crypto';

/** smtpd_sasl_glue.c (from 20231006 on): what follows the reason of a failure, `(unavailable)` where it is not known */
const USER = ', sasl_username=';
/** smtpd_sasl_glue.c cuts a name to so many characters in a failure. */
const MAX_USER = 100;

/** Bytes of SHA-256 that fit an exact number. */
const HASH_BYTES = 6;

/**
 * 48 bits of the SHA-256 of the exact text that Postfix prints: nobody can choose a user whose hash is that of another.
 * For failures and logins that are compared over hours; it survives in snapshots.
 */
export function userHash(user: string): number {
  return hash('sha256', Buffer.from(user, 'latin1'), 'buffer').readUIntBE(0, HASH_BYTES);
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
export function failedUser(message: string): number | undefined {
  const place = message.indexOf(USER);
  const user = place < 0 ? '' : message.slice(place + USER.length);
  return user.includes('@') ? hashOfUser(user) : undefined;
}
