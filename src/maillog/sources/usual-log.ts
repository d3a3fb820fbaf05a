// The mail log of a host whose policy does not name one: `maillog: auto`.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isFile } from './file.ts';
import type { JournalSelection } from './journal.ts';

/** Where syslog daemons write the mail facility: Debian, then the Red Hat family. */
export const USUAL_FILES = ['/var/log/mail.log', '/var/log/maillog'] as const;

const ADVICE =
  'install rsyslog, set maillog_file in main.cf, or name the log under maillog: in policy.yml; the daemon looks again each minute';

/** What was found; `missing` says why there is nothing. */
export type UsualLog =
  | { readonly type: 'files'; readonly files: readonly string[] }
  | ({ readonly type: 'journal' } & JournalSelection)
  | { readonly type: 'missing'; readonly missing: string };

/** The usual file if it exists, else the journal if there is one. */
export async function findUsualLog(): Promise<UsualLog> {
  for (const path of USUAL_FILES) if (await isFile(path)) return { type: 'files', files: [path] };
  const trouble = await journalTrouble();
  if (trouble === undefined) return { type: 'journal' };
  return {
    type: 'missing',
    missing: `maillog: auto finds no log: there is no ${USUAL_FILES.join(', no ')}, and ${trouble}; ${ADVICE}`,
  };
}

/**
 * Why the host keeps no journal that this user may read; undefined where it does.
 * @param directory of journal files; without it, the host's own journal
 */
export async function journalTrouble(directory?: string): Promise<string | undefined> {
  const where = directory === undefined ? [] : [`--directory=${directory}`];
  const args = [...where, '--quiet', '--lines=1', '--output=cat'];
  return await promisify(execFile)('journalctl', args).then(
    ({ stdout }) =>
      stdout === ''
        ? `the journal has no entry that user ID ${process.geteuid?.()} may read (group systemd-journal)`
        : undefined,
    (error: NodeJS.ErrnoException & { readonly stderr?: string }) =>
      error.code === 'ENOENT' ? 'there is no journalctl' : `journalctl fails: ${lastLine(error)}`,
  );
}

function lastLine({ stderr = '', message }: Error & { readonly stderr?: string }): string {
  return (stderr.trim() || message).split('\n').at(-1) ?? '';
}
