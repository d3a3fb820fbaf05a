// Blocked IPs for another program, as the files of export: have them.

import type { ExportFormat } from '../../config/fields/export-formats.ts';
import type { ListedBlock } from '../../desk/answers.ts';
import { exportParts } from '../../exports/formats.ts';
import { ipv4Holders } from '../../exports/ipv4-holders.ts';
import { isoTime } from '../../values/iso-time.ts';
import { USUAL_PREFIXES } from '../../values/nat64.ts';

/** @param now ms since 1970 */
export function exportText(
  blocks: readonly Pick<ListedBlock, 'ip' | 'until'>[],
  format: ExportFormat | 'table',
  now: number,
): string {
  const blocked = blocks
    .filter(({ ip }) => !holdsIPv4(ip))
    .map(({ ip, until }) => ({ ip, until: isoTime(until) }));
  return [...exportParts(format === 'table' ? 'plain' : format, blocked, now)].join('');
}

function holdsIPv4(ip: string): boolean {
  const [, bits] = ip.split('/');
  return bits !== undefined && ipv4Holders(Number(bits), USUAL_PREFIXES).includes(ip);
}
