// What serve would end with, fail at, or never report, on this host: all that policy.yml names here.

import type { Config } from '../config/config.ts';
import { exportProblems } from './export-problems.ts';
import { fileProblems } from './file-problems.ts';
import { groupProblems, socketGroupProblem } from './group-problems.ts';
import { listenerProblems } from './listener-problems.ts';
import { maillogProblems } from './maillog-problems.ts';
import { noticeProblems } from './notice-problems.ts';
import { merged, type Problem, seenByOther } from './problem.ts';
import { shareProblems } from './share-problems.ts';

export interface HostCheck {
  /** path of policy.yml */
  readonly policy: string;
  /** whether the user who runs this is neither root nor the daemon's */
  readonly isOther: boolean;
  /** whether a daemon of this policy is running */
  isRunning(): Promise<boolean>;
}

/** Creates and changes nothing. Permissions are those of the user who runs this: root has all of them. */
export async function hostProblems(
  config: Config,
  { policy, isOther, isRunning }: HostCheck,
): Promise<readonly Problem[]> {
  const found = await Promise.all([
    fileProblems(config),
    groupProblems(config),
    listenerProblems(config.listen, isRunning),
    metricsProblems(config, isRunning),
    maillogProblems(config),
    shareProblems(config),
    noticeProblems(config, policy),
    exportProblems(config),
  ]);
  return merged(isOther ? seenByOther(found.flat()) : found.flat());
}

/** The daemon serves mail also where it cannot serve metrics. */
async function metricsProblems(
  { metrics }: Config,
  isRunning: () => Promise<boolean>,
): Promise<readonly Problem[]> {
  if (metrics === undefined) return [];
  const group = await socketGroupProblem(metrics);
  const remedy = (directory: string) =>
    `Name a socket in /run/postblock, which the unit makes; else: install -d -o postblock ${directory}`;
  const listener = await listenerProblems([metrics], isRunning, remedy);
  const found = [...(group === undefined ? [] : [group]), ...listener];
  return found.map(({ status: _, ...rest }) => ({ ...rest, weight: 'warning', about: ['metrics'] }));
}
