// What on-block: names on this host: programs, files with keys, and URLs that nobody else may know.

import { stat } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import type { NoticeTarget } from '../config/fields/notice-fields.ts';
import { unusable } from '../config/named-file.ts';
import { isOpenToAll } from '../config/secret-file.ts';
import { readKey } from '../notices/secret-file.ts';
import { runnable } from './access.ts';
import { isPermission, type Problem } from './problem.ts';

/** The daemon serves mail also where it cannot send notices. @param policy path of policy.yml */
export async function noticeProblems(
  { onBlock = [] }: Pick<Config, 'onBlock'>,
  policy: string,
): Promise<readonly Problem[]> {
  const isPublic = await stat(policy).then(isOpenToAll, () => false);
  const found = onBlock.map((target, i) =>
    targetProblems(target, `on-block[${i}]`, isPublic ? policy : undefined),
  );
  return (await Promise.all(found)).flat();
}

/** @param readable path of policy.yml, where all users can read it */
async function targetProblems(
  target: NoticeTarget,
  option: string,
  readable: string | undefined,
): Promise<readonly Problem[]> {
  if (target.type === 'command') return await commandProblems(target.command[0] ?? '', option);
  const { secretFile, format } = target;
  const key = secretFile === undefined ? [] : await keyProblems(secretFile, `${option}.secret-file`);
  // With Slack and those like it, who knows the URL can send.
  if (readable === undefined || format !== 'slack') return key;
  const problem = `the URL is a secret, and all users can read ${readable}`;
  const remedy = `Let only those read it who may know the URL, and the daemon: chgrp postblock ${readable}; chmod 640 ${readable}`;
  return [...key, { weight: 'warning', about: [`${option}.webhook`], problem, remedy }];
}

async function commandProblems(program: string, option: string): Promise<readonly Problem[]> {
  const refusal = await runnable(program);
  if (refusal === undefined) return [];
  return [
    {
      weight: 'warning',
      about: [`${option}.command`],
      problem: `${program} cannot be run: ${refusal.message}`,
      remedy: "Name a program that the daemon's user may run",
      isPermission: isPermission(refusal),
    },
  ];
}

async function keyProblems(path: string, option: string): Promise<readonly Problem[]> {
  try {
    await readKey(path);
    return [];
  } catch (error) {
    return [
      {
        weight: 'warning',
        about: [option],
        problem: unusable(path, error as Error),
        remedy: `Let the daemon's user read it, and nobody else: chgrp postblock ${path}; chmod 640 ${path}`,
        isPermission: isPermission(error as NodeJS.ErrnoException),
      },
    ];
  }
}
