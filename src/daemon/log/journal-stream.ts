// Lines for journald: whether a descriptor leads to the journal, and the priority of a line in front of it.

import { fstatSync } from 'node:fs';
import type { LogSpec } from '../../config/fields/log-fields.ts';

/** sd-daemon(3): SD_ERR, SD_WARNING, SD_INFO, SD_DEBUG */
const PRIORITIES: Readonly<Record<LogSpec['level'], string>> = {
  error: '<3>',
  warn: '<4>',
  info: '<6>',
  debug: '<7>',
};

/** journald takes it off the line (systemd.exec(5), SyslogLevelPrefix=). */
export function priorityOf(level: string): string {
  return Object.hasOwn(PRIORITIES, level) ? PRIORITIES[level as LogSpec['level']] : '';
}

/**
 * Whether a descriptor is a stream to the journal. A process may have been started by one that is, with its own output
 * elsewhere: so the numbers must be those of the descriptor.
 *
 * @param stream $JOURNAL_STREAM, `DEVICE:INODE` of the stream (systemd.exec(5))
 */
export function isJournal(descriptor: number, stream = process.env.JOURNAL_STREAM): boolean {
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    // It is closed.
    return false;
  }
}
