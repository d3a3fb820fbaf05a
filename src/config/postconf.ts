// The postconf(1) command: the values of Postfix's parameters as they are now.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** ms; postconf answers within a few. On a host that is booting it may take longer, and the daemon does not try twice. */
const TIMEOUT = 20_000;
/** bytes of all values */
const MAX_BYTES = 1 << 20;
/** Not in the PATH of a user who is not root on Debian. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin';

export interface PostconfOptions {
  readonly command?: string;
  /** ms */
  readonly timeout?: number;
}

/** The values of parameters, with the values of the variables in them. @throws an error that says why postconf failed */
export async function postconf(
  names: readonly string[],
  { command = 'postconf', timeout = TIMEOUT }: PostconfOptions = {},
): Promise<readonly string[]> {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:${SYSTEM_PATH}` };
  const options = { env, timeout, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES } as const;
  const { stdout } = await promisify(execFile)(command, ['-xh', ...names], options).catch((error) => {
    throw new Error(failureOf(error));
  });
  return stdout.split('\n');
}

function failureOf(error: Error & { code?: unknown; killed?: boolean; stderr?: string }): string {
  if (error.code === 'ENOENT') return 'there is no postconf command here';
  if (error.killed === true) return 'postconf does not answer in time';
  const [line = ''] = (error.stderr ?? '').trim().split('\n').slice(-1);
  return `postconf fails: ${line || error.message}`;
}
