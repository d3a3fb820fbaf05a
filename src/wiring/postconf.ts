// Runs postconf(1), which prints the configuration of Postfix.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** bytes of an answer; all parameters of Postfix 3.10 take 40,000 */
const MAX_BYTES = 1 << 20;
/** Not in the PATH of a user who is not root on Debian. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin';

export interface PostconfOptions {
  /** ms */
  readonly timeout: number;
  readonly command?: string | undefined;
  /** the directory of main.cf and master.cf; undefined: that of the system's Postfix */
  readonly directory?: string | undefined;
}

/** postconf cannot be run, or does not answer. The message says why. */
export class PostconfError extends Error {}

/** The standard output of postconf. @throws PostconfError */
export async function postconf(
  args: readonly string[],
  { timeout, command = 'postconf', directory }: PostconfOptions,
): Promise<string> {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:${SYSTEM_PATH}` };
  const options = { env, timeout, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES } as const;
  const all = directory === undefined ? args : ['-c', directory, ...args];
  const { stdout } = await promisify(execFile)(command, all, options).catch((error) => {
    throw new PostconfError(failureOf(error), { cause: error });
  });
  return stdout;
}

function failureOf(error: Error & { code?: unknown; killed?: boolean; stderr?: string }): string {
  if (error.code === 'ENOENT') return 'there is no postconf command here';
  if (error.killed === true) return 'postconf does not answer in time';
  const [line = ''] = (error.stderr ?? '').trim().split('\n').slice(-1);
  return `postconf fails: ${line || error.message}`;
}
