// What share-state: names on this host: files with passwords and certificates, and sockets of servers.

import type { Config } from '../config/config.ts';
import { unusable } from '../config/named-file.ts';
import { readShareFiles } from '../config/share-files.ts';
import { EXIT } from '../exit.ts';
import { connectable } from './access.ts';
import { isPermission, type Problem } from './problem.ts';

export async function shareProblems({ shareState }: Pick<Config, 'shareState'>): Promise<readonly Problem[]> {
  if (shareState === undefined) return [];
  const { failures } = await readShareFiles(shareState);
  const files = failures.map(
    ({ option, path, error }): Problem => ({
      weight: 'error',
      about: [option],
      problem: unusable(path, error),
      remedy: `Let the daemon's user read it, and nobody else: chgrp postblock ${path}; chmod 640 ${path}`,
      status: EXIT.config,
      isPermission: isPermission(error),
    }),
  );
  return [...files, ...(await Promise.all(shareState.urls.map(socketProblem))).flat()];
}

/** Whether a server answers at a TCP address is not tried: a daemon that runs without it is in the trouble share-down. */
async function socketProblem(url: string): Promise<readonly Problem[]> {
  const { protocol, pathname } = new URL(url);
  const refusal = protocol === 'unix:' ? await connectable(decodeURIComponent(pathname)) : undefined;
  if (refusal === undefined) return [];
  return [
    {
      weight: 'warning',
      about: ['share-state.url'],
      problem: `the server cannot be reached: ${refusal.message}`,
      remedy: "Start it, and add the daemon's user to the group of its socket",
      isPermission: isPermission(refusal),
    },
  ];
}
