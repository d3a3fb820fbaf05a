// The policy of a command that is called without --policy.

import { SYSTEM_POLICY } from './program.ts';

const LOCAL_POLICY = 'policy.yml';

/**
 * The first that exists: an installed command looks in /etc first, so that a file in the current directory does not
 * lead it to another daemon; one of a clone uses the policy.yml of the clone.
 *
 * @param program real path of the program
 */
export function defaultPolicy(program: string, exists: (path: string) => boolean): string {
  const [first, second] = isInstalled(program)
    ? [SYSTEM_POLICY, LOCAL_POLICY]
    : [LOCAL_POLICY, SYSTEM_POLICY];
  if (exists(first)) return first;
  return exists(second) ? second : SYSTEM_POLICY;
}

/** Whether npm or a package of the system put it there; hier(7): /usr/src and /usr/local/src hold sources. */
function isInstalled(program: string): boolean {
  if (program.includes('/node_modules/')) return true;
  return program.startsWith('/usr/') && !/^\/usr\/(?:local\/)?src\//.test(program);
}
