// A client that a rule blocks for an hour, and the mails that the block loses.

import type { LostMail } from '../../../src/replay/report/report.ts';
import { failed, replayed } from '../small-log.ts';

export const CLIENT = 'gw.office.example[192.0.2.7]';
/** Blocks CLIENT from second 10 to second 3610. */
export const ABUSE = failed(CLIENT, 0, 5, 10);
export const END = 3610;

export function mailOf(lines: readonly string[]): LostMail {
  const [lost] = replayed([...ABUSE, ...lines]).report.cost.mails;
  if (lost === undefined) throw new Error('no mail was lost');
  return lost;
}
