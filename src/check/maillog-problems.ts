// The mail log: a daemon that does not see it blocks nobody, and that looks like a quiet night.

import { stat } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { findUsualLog, journalTrouble, USUAL_FILES } from '../maillog/sources/usual-log.ts';
import { readable } from './access.ts';
import { isPermission, type Problem } from './problem.ts';

export async function maillogProblems({ maillog }: Pick<Config, 'maillog'>): Promise<readonly Problem[]> {
  const log = maillog.type === 'auto' ? await findUsualLog() : maillog;
  if (log.type === 'files') return (await Promise.all(log.files.map(fileProblem))).flat();
  if (log.type === 'journal') return journalProblem(await journalTrouble(log.directory));
  return warning(
    `there is no ${USUAL_FILES.join(', no ')}, and ${await journalTrouble()}`,
    'Install rsyslog, set maillog_file in main.cf, or name the log: maillog: {file: PATH}',
  );
}

async function fileProblem(path: string): Promise<readonly Problem[]> {
  const facts = await factsOf(path);
  const isGlob = /[*?[]/.test(path);
  if (facts === undefined && isGlob)
    return warning(
      `${path} is taken for the name of one file, and there is none`,
      'Name each file: maillog: {files: [PATH, …]}. Rotated files need no entry',
    );
  const refusal = await readable(path);
  if (refusal?.code === 'ENOENT')
    return warning(`there is no file ${path}; nothing is counted until there is`, 'Name the log of Postfix');
  if (refusal !== undefined)
    return warning(
      `${path} cannot be read: ${refusal.message}`,
      "Add the daemon's user to the group that may read it; on Debian, adm",
      isPermission(refusal),
    );
  if (facts?.isFile() === true) return [];
  return warning(`${path} is not a file`, 'Name the log of Postfix');
}

function journalProblem(trouble: string | undefined): readonly Problem[] {
  if (trouble === undefined) return [];
  return warning(
    `the journal cannot be read: ${trouble}`,
    "Add the daemon's user to the group systemd-journal, or name a file: maillog: {file: PATH}",
  );
}

function warning(problem: string, remedy: string, isPermission = false): readonly Problem[] {
  return [{ weight: 'warning', about: ['maillog'], problem, remedy, isPermission }];
}

async function factsOf(path: string) {
  return await stat(path).catch(() => undefined);
}
