// The file with the key of a webhook's signature: read for each notice, so that a new key needs no reload.

import { readSecretFile } from '../config/secret-file.ts';
import { KEY_BYTES, keyIn } from './signature.ts';

/** @throws an error that says why the file cannot be used */
export async function readKey(path: string): Promise<Buffer> {
  const key = keyIn(await readSecretFile(path, 2 * KEY_BYTES.max));
  const { min, max } = KEY_BYTES;
  if (key.length >= min && key.length <= max) return key;
  throw new Error(`it holds a key of ${key.length} bytes; expected ${min} to ${max}`);
}
