// What separates this Postfix from postblock on this host: the rights to the socket, and the file of its log.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Config } from '../config/config.ts';
import type { ServiceWiring } from '../wiring/service-wiring.ts';
import { ownRequests, serviceName } from './postfix-problems.ts';
import type { Problem } from './problem.ts';

/** ms */
const LOOKUP = 5000;

export async function postfixHostProblems(
  wirings: readonly ServiceWiring[],
  { listen, maillog }: Pick<Config, 'listen' | 'maillog'>,
): Promise<readonly Problem[]> {
  const found: Problem[] = [...logProblem(wirings, maillog)];
  // Only root can find out what another user may do.
  if (process.geteuid?.() !== 0) return found;
  for (const wiring of wirings) {
    const endpoints = ownRequests(wiring, listen).map(({ endpoint }) => endpoint);
    const paths = endpoints.flatMap((endpoint) => (endpoint?.type === 'unix' ? endpoint.path : []));
    const owner = wiring.parameters.get('mail_owner') ?? 'postfix';
    for (const path of new Set(paths)) {
      if (!existsSync(path) || (await canWrite(owner, path))) continue;
      found.push({
        weight: 'error',
        about: [serviceName(wiring)],
        problem: `the user ${owner} cannot reach ${path}; Postfix gives it its own group only`,
        remedy: `Give the directory and the socket to the group of ${owner}: mode 2750, and in policy.yml mode: "0660"`,
      });
    }
  }
  return found;
}

/** Whether a user may write to a path with no other group than its own (set_ugid.c). True if it cannot be known. */
async function canWrite(user: string, path: string): Promise<boolean> {
  const run = promisify(execFile);
  const line = await run('getent', ['passwd', user], { timeout: LOOKUP }).catch(() => undefined);
  const [, , uid, gid] = line?.stdout.split(':') ?? [];
  if (uid === undefined || gid === undefined) return true;
  const rights = { uid: Number(uid), gid: Number(gid), timeout: LOOKUP };
  return await run('test', ['-w', path], rights).then(
    () => true,
    (error: { code?: unknown }) => error.code !== 1,
  );
}

/** With maillog_file, Postfix logs neither to syslog nor to the journal. */
function logProblem(wirings: readonly ServiceWiring[], maillog: Config['maillog']): readonly Problem[] {
  const file = wirings[0]?.parameters.get('maillog_file') ?? '';
  // postlogd(8) of a container writes to standard output, which somebody else may write to any file.
  if (file === '' || file.startsWith('/dev/')) return [];
  if (maillog.type === 'files' && maillog.files.includes(file)) return [];
  return [
    {
      weight: 'warning',
      about: ['maillog'],
      problem: `Postfix writes its log to ${file} (maillog_file), and maillog: does not name it`,
      remedy: `In policy.yml: maillog: {file: ${file}}`,
    },
  ];
}
