// The files of the daemon: its state directory with the control socket, and its log.

import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { controlPaths } from '../desk/control-paths.ts';
import { EXIT } from '../exit.ts';
import { MAX_SOCKET_PATH, tooLong } from '../net/listen.ts';
import { appendable, creatable, type Refusal } from './access.ts';
import { isPermission, type Problem } from './problem.ts';

export async function fileProblems({
  state,
  log,
}: Pick<Config, 'state' | 'log'>): Promise<readonly Problem[]> {
  const found = [
    problemOf('state', `the state directory ${state} cannot be written`, await creatable(state)),
    problemOf('state', 'the audit trail cannot be written', await trailRefusal(state)),
    log.file === undefined
      ? undefined
      : problemOf('log', 'the log file cannot be opened', await appendable(log.file)),
  ];
  return [...controlSocketProblems(state), ...found.filter((problem) => problem !== undefined)];
}

function controlSocketProblems(state: string): readonly Problem[] {
  const [path] = controlPaths(state);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return [];
  return [
    {
      weight: 'error',
      about: ['state'],
      problem: `the control socket ${tooLong(path)}`,
      remedy: 'Name a shorter path',
      status: EXIT.unavailable,
    },
  ];
}

/** A directory that cannot be entered is reported already. */
async function trailRefusal(state: string): Promise<Refusal> {
  const refusal = await appendable(join(state, 'audit.jsonl'));
  return refusal?.code === 'EACCES' && (await creatable(state)) === undefined ? refusal : undefined;
}

function problemOf(about: string, what: string, refusal: Refusal): Problem | undefined {
  if (refusal === undefined) return undefined;
  return {
    weight: 'error',
    about: [about],
    problem: `${what}: ${refusal.message}`,
    remedy: "Give it to the daemon's user, or name another path",
    status: EXIT.io,
    isPermission: isPermission(refusal),
  };
}
