// Blocked IPs for another program, as the files of export: have them.

import type { ExportFormat } from '../../config/fields/export-formats.ts';
import type { ListedBlock } from '../../desk/answers.ts';
import { exportParts } from '../../exports/formats.ts';
import { isoTime } from '../../values/iso-time.ts';

/** @param now ms since 1970 */
export function exportText(
  blocks: readonly Pick<ListedBlock, 'ip' | 'until'>[],
  format: ExportFormat | 'table',
  now: number,
): string {
  const blocked = blocks.map(({ ip, until }) => ({ ip, until: isoTime(until) }));
  return [...exportParts(format === 'table' ? 'plain' : format, blocked, now)].join('');
}
