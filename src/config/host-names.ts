// The names under which Postfix of this host logs.

import { hostname } from 'node:os';
import { type PostconfOptions, postconf } from './postconf.ts';

export interface HostNames {
  readonly names: readonly string[];
  /** false where Postfix runs elsewhere, perhaps in a container, and logs under a name that is not known here */
  readonly isComplete: boolean;
}

/**
 * Syslog daemons write the name of the host; postlogd(8) writes myhostname (maillog_client.c, maillog_client_init).
 * Never throws.
 */
export async function hostNames(options?: PostconfOptions): Promise<HostNames> {
  const name = hostname();
  return await postconf(['myhostname'], options).then(
    ([myhostname = '']) => ({ names: [name, myhostname], isComplete: true }),
    () => ({ names: [name], isComplete: false }),
  );
}
