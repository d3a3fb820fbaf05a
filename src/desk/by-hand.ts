// What administrators made by hand and has not ended: graces and temporary allow entries, as list answers them.

import type { Blocks } from '../blocks/blocks.ts';
import type { AuditEntry } from '../state/audit.ts';
import { isoText } from '../values/iso-time.ts';
import type { ListedByHand } from './answers.ts';

/** Graces that are listed, more than support ever gives at a time. */
const MAX_GRACES = 1000;
/** Lines of the audit trail that are looked through for each grace. */
const MAX_LINES = 20;

type History = (keys: readonly string[], max: number) => Promise<readonly AuditEntry[]>;

/** @param now ms since 1970; @param history as LookupContext has it: a grace itself does not say who gave it */
export async function listedGraces(
  blocks: Blocks,
  now: number,
  history: History,
): Promise<readonly ListedByHand[]> {
  const graces: ListedByHand[] = [];
  for (const { key, grace, graceAt } of blocks.table.spared.inGrace()) {
    if (grace <= now) continue;
    graces.push({ ip: key, since: isoText(graceAt), until: isoText(grace), by: null, reason: null });
    if (graces.length === MAX_GRACES) break;
  }
  if (graces.length === 0) return graces;
  const lines = await history(
    graces.map(({ ip }) => ip),
    graces.length * MAX_LINES,
  );
  return graces.map((grace) => {
    const given = lines.find((line) => line.event === 'grace' && line.ip === grace.ip);
    const isKnown = given !== undefined && given.until === grace.until;
    return { ...grace, by: (isKnown && given.by) || null, reason: (isKnown && given.why) || null };
  });
}

export function listedAllowEntries(blocks: Blocks, now: number): readonly ListedByHand[] {
  return blocks.allowEntries.all
    .filter(({ until }) => until > now)
    .map(({ entry, at, until, hand }) => {
      return { ip: entry, since: isoText(at), until: isoText(until), by: hand.by, reason: hand.why };
    });
}
