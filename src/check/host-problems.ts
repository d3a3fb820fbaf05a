// What serve would end with, or never report, on this host: groups, files, listeners and the mail log.

import type { Config } from '../config/config.ts';
import { fileProblems } from './file-problems.ts';
import { groupProblems } from './group-problems.ts';
import { listenerProblems } from './listener-problems.ts';
import { maillogProblems } from './maillog-problems.ts';
import { merged, type Problem } from './problem.ts';

/**
 * Reads and creates nothing. Permissions are those of the user who runs this: root has all of them.
 * @param isRunning whether a daemon of this policy is running
 */
export async function hostProblems(
  config: Config,
  isRunning: () => Promise<boolean>,
): Promise<readonly Problem[]> {
  const found = await Promise.all([
    fileProblems(config),
    groupProblems(config),
    listenerProblems(config.listen, isRunning),
    metricsProblems(config, isRunning),
    maillogProblems(config),
  ]);
  return merged(found.flat());
}

/** The daemon serves mail also where it cannot serve metrics. */
async function metricsProblems(
  { metrics }: Config,
  isRunning: () => Promise<boolean>,
): Promise<readonly Problem[]> {
  const found = await listenerProblems(metrics === undefined ? [] : [metrics], isRunning);
  return found.map(({ problem, remedy }) => ({ weight: 'warning', about: ['metrics'], problem, remedy }));
}
