// The values of Postfix's parameters as they are now, by postconf(1).

import { type PostconfOptions as AllOptions, postconf as runPostconf } from '../wiring/postconf.ts';

/** ms; postconf answers within a few. On a host that is booting it may take longer, and the daemon does not try twice. */
const TIMEOUT = 20_000;

export type PostconfOptions = Partial<Pick<AllOptions, 'command' | 'timeout'>>;

/** The values of parameters, with the values of the variables in them. @throws an error that says why postconf failed */
export async function postconf(
  names: readonly string[],
  { command, timeout = TIMEOUT }: PostconfOptions = {},
): Promise<readonly string[]> {
  return (await runPostconf(['-xh', ...names], { command, timeout })).split('\n');
}
