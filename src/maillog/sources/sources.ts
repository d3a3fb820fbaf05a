// Opens the log sources that `maillog` in policy.yml names.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { HOST_ZONE, type Zone } from '../syslog/zone.ts';
import { FileSource, isFile } from './file.ts';
import { type JournalSelection, JournalSource } from './journal.ts';
import type { LogSource, Notice } from './source.ts';

export type MaillogSpec =
  | { readonly type: 'auto' }
  | { readonly type: 'files'; readonly files: readonly string[] }
  | ({ readonly type: 'journal' } & JournalSelection);

/** Where syslog daemons write the mail facility: Debian, then the Red Hat family. */
const USUAL = ['/var/log/mail.log', '/var/log/maillog'] as const;

/**
 * The sources of a spec. `auto` means the usual file if it exists, else the journal if there is one, else the usual file
 * as soon as it exists.
 *
 * @param zone of stamps without one
 */
export async function openSources(
  spec: MaillogSpec,
  notify: (notice: Notice) => void,
  zone: Zone = HOST_ZONE,
): Promise<LogSource[]> {
  const file = (path: string) => new FileSource(path, notify, zone);
  if (spec.type === 'journal') return [new JournalSource(spec, notify)];
  if (spec.type === 'files') return spec.files.map(file);
  for (const path of USUAL) if (await isFile(path)) return [file(path)];
  return (await hasJournal()) ? [new JournalSource({}, notify)] : [file(USUAL[0])];
}

/** Whether the host keeps a journal that this user may read. */
async function hasJournal(): Promise<boolean> {
  const run = promisify(execFile);
  return await run('journalctl', ['--quiet', '--lines=1', '--output=cat']).then(
    ({ stdout }) => stdout !== '',
    () => false,
  );
}
