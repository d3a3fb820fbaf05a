// The file with the key of a webhook's signature: read for each notice, so that a new key needs no reload.

import { stat } from 'node:fs/promises';
import { readPlainFile } from '../config/plain-file.ts';
import { KEY_BYTES, keyIn } from './signature.ts';

/** Permissions of all users but the owner and the group. */
const OTHERS = 0o007;

/** @throws an error that says why the file cannot be used */
export async function readKey(path: string): Promise<Buffer> {
  const { mode } = await stat(path);
  if ((mode & OTHERS) !== 0) throw new Error('all users can read or write it; expected mode 0640 or 0600');
  const key = keyIn((await readPlainFile(path, 2 * KEY_BYTES.max)).toString('utf8'));
  const { min, max } = KEY_BYTES;
  if (key.length >= min && key.length <= max) return key;
  throw new Error(`it holds a key of ${key.length} bytes; expected ${min} to ${max}`);
}
