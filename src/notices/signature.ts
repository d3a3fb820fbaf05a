// The signature of a webhook, as Standard Webhooks 1.0 describes it (www.standardwebhooks.com).

import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
/** Bytes of a key: Standard Webhooks, "Signature scheme", asks for 24 to 64; a text of words may be longer. */
export const KEY_BYTES = { min: 24, max: 1024 } as const;

/** The key in a secret file: base64 after `whsec_`, or else the text itself. */
export function keyIn(text: string): Buffer {
  const secret = text.trim();
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}

export interface Signed {
  readonly id: string;
  /** seconds since 1970 */
  readonly timestamp: number;
  readonly body: string;
}

/** `v1,` and the HMAC-SHA256 of `ID.TIMESTAMP.BODY` in base64: no one can send the body again at another time. */
export function signature({ id, timestamp, body }: Signed, key: Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
