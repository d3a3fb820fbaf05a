// Compares the daemon's state with the oracle's: snapshot.json, audit.jsonl and the verdicts.

import { expect } from 'chai';
import type { TestDaemon } from '../harness/daemon.ts';
import { eventsByKind } from '../harness/events.ts';
import { until } from '../harness/until.ts';
import type { ManualActions } from './manual-actions.ts';
import { iso, keyOf, type Oracle, type OracleBlock, type OracleRule } from './oracle.ts';

/** Every rule, with blocks that end while the test runs and blocks that do not. */
export const RULES: readonly OracleRule[] = [
  { name: 'auth-failures', counts: 'auth-failure', limit: 5, within: 3_600_000, blockFor: 1000 },
  { name: 'rejected-recipients', counts: 'rejected-recipient', limit: 6, within: 3_600_000, blockFor: 2000 },
  { name: 'connection-spam', counts: 'dropped-connection', limit: 3, within: 3_600_000, blockFor: 3000 },
  {
    name: 'rejected-after-data',
    counts: 'rejected-message',
    limit: 3,
    within: 3_600_000,
    blockFor: 172_800_000,
  },
];

/** The same, with shares and forgiveness. */
export const SPARING_RULES: readonly OracleRule[] = RULES.map((rule) => {
  if (rule.counts === 'auth-failure') return { ...rule, share: 0.5, forgive: 'login' };
  return rule.counts === 'rejected-recipient' ? { ...rule, share: 0.5 } : rule;
});

export const RULES_TEXT = textOf(RULES);
export const SPARING_RULES_TEXT = textOf(SPARING_RULES);

function textOf(rules: readonly OracleRule[]): string {
  return rules
    .map(
      ({ name, counts, limit, within, blockFor, share = 0, forgive }) =>
        `  ${name}: {counts: ${counts}, limit: ${limit}, within: ${within / 1000}s, block-for: ${blockFor / 1000}s, message: No.${share === 0 ? '' : `, share: ${share * 100}%`}${forgive === undefined ? '' : `, forgive: ${forgive}`}}\n`,
    )
    .join('');
}

/**
 * For a daemon that has read everything: waits until it has ended the blocks that expired, and compares all its state.
 *
 * @param actions what was done by hand, and the results
 */
export async function expectExactAccount(
  daemon: TestDaemon,
  oracle: Oracle,
  what: string,
  actions?: ManualActions,
): Promise<void> {
  actions?.expectAllRecorded();
  const begun = new Set(
    [...trailOf(daemon)].flatMap(([key, lines]) => lines.map((line) => `${key} ${line}`)),
  );
  const isInTrail = (ip: string, rule: string, since: number) =>
    begun.has(`${keyOf(ip)} block ${rule} ${iso(since)}`);
  if (actions !== undefined)
    for (const ip of oracle.ips) oracle.acted(ip, actions.actsOn([ip, keyOf(ip)]), isInTrail);
  const due = (ip: string) => oracle.blocksOf(ip).filter(isOver).length;
  const total = oracle.ips.reduce((sum, ip) => sum + due(ip), 0);
  await until('the ends of blocks in the trail', () => ends(daemon, oracle) >= total);
  const { ips } = await daemon.snapshot();
  const trail = trailOf(daemon);
  for (const ip of oracle.ips) {
    const key = keyOf(ip);
    const account = oracle.accountOf(ip);
    expect(account.mistakes, `${what}: acts on ${ip}`).to.deep.equal([]);
    expect(trail.get(key) ?? [], `${what}: trail of ${ip}`).to.deep.equal(account.blocks.flatMap(linesOf));
    expect(eventsByKind(ips[key]?.events), `${what}: counts of ${ip}`).to.deep.equal(account.counts);
    const isBlocked = account.blocks.some((block) => !isOver(block)) && !account.isAllowed(Date.now());
    expect(await daemon.verdict(ip), `${what}: verdict of ${ip}`).to.equal(
      isBlocked ? 'action=REJECT No.' : 'action=DUNNO',
    );
  }
  const numbers = daemon.audit().map(({ sequence }) => sequence);
  expect(numbers, `${what}: sequence of the trail`).to.deep.equal(numbers.map((_, i) => i + 1));
}

/** Whether a block has ended, or will while the test waits for it. */
function isOver({ since, until: end, ended }: OracleBlock): boolean {
  return ended !== undefined || end - since < 60_000;
}

function linesOf(block: OracleBlock): string[] {
  const text = `${block.rule} ${iso(block.since)}`;
  return isOver(block)
    ? [`block ${text}`, `end ${text} ${block.ended?.reason ?? 'expired'}`]
    : [`block ${text}`];
}

function ends(daemon: TestDaemon, oracle: Oracle): number {
  const keys = new Set(oracle.ips.map(keyOf));
  return daemon.audit().filter(({ event, ip }) => event === 'end' && keys.has(String(ip))).length;
}

/** The lines of the audit trail about blocks, by client, each as `block RULE AT` or `end RULE SINCE REASON`. */
function trailOf(daemon: TestDaemon): Map<string, string[]> {
  const trail = new Map<string, string[]>();
  for (const { ip, event, rule, at, since, reason } of daemon.audit()) {
    if (event !== 'block' && event !== 'end') continue;
    const lines = trail.get(String(ip)) ?? [];
    trail.set(String(ip), lines);
    lines.push(event === 'block' ? `block ${rule} ${at}` : `end ${rule} ${since} ${reason}`);
  }
  return trail;
}
