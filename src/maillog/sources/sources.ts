// Opens the log sources that `maillog` in policy.yml names.

import { HOST_ZONE, type Zone } from '../syslog/zone.ts';
import { FileSource } from './file.ts';
import { type JournalSelection, JournalSource } from './journal.ts';
import type { LogSource, Notice } from './source.ts';
import { findUsualLog, USUAL_FILES, type UsualLog } from './usual-log.ts';

export type MaillogSpec =
  | { readonly type: 'auto' }
  | { readonly type: 'files'; readonly files: readonly string[] }
  | ({ readonly type: 'journal' } & JournalSelection);

/**
 * The sources of a spec. `auto` means the usual file if it exists, else the journal if there is one, else the usual file
 * as soon as it exists.
 *
 * @param zone of stamps without one
 */
export async function openSources(
  spec: MaillogSpec | UsualLog,
  notify: (notice: Notice) => void,
  zone: Zone = HOST_ZONE,
): Promise<LogSource[]> {
  switch (spec.type) {
    case 'auto':
      return await openSources(await findUsualLog(), notify, zone);
    case 'journal':
      return [new JournalSource(spec, notify)];
    case 'files':
      return spec.files.map((path) => new FileSource(path, notify, zone));
    case 'missing':
      return [new FileSource(USUAL_FILES[0], (notice) => notify(inFull(notice, spec.missing)), zone)];
  }
}

/** With all that was looked for, where the file does not exist. */
function inFull(notice: Notice, missing: string): Notice {
  const isMissing = notice.type === 'lost' && notice.reason.startsWith('ENOENT');
  return isMissing ? { ...notice, reason: missing } : notice;
}
