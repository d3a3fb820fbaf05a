// The daemon's books beside the oracle's: snapshot.json, audit.jsonl and the verdicts.

import { expect } from 'chai';
import type { TestDaemon } from '../harness/daemon.ts';
import { eventsByKind } from '../harness/events.ts';
import { until } from '../harness/until.ts';
import { iso, type Oracle, type OracleBlock, type OracleRule } from './oracle.ts';

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

export const RULES_TEXT = RULES.map(
  ({ name, counts, limit, within, blockFor }) =>
    `  ${name}: {counts: ${counts}, limit: ${limit}, within: ${within / 1000}s, block-for: ${blockFor / 1000}s, message: No.}\n`,
).join('');

/** For a daemon that has read everything: waits until it has ended what is over, and compares all that it says. */
export async function expectTrueBooks(daemon: TestDaemon, oracle: Oracle, what: string): Promise<void> {
  const isShort = ({ since, until: end }: OracleBlock) => end - since < 60_000;
  const due = (ip: string) => oracle.blocksOf(ip).filter(isShort);
  const total = () => oracle.ips.reduce((sum, ip) => sum + due(ip).length, 0);
  await until('the ends of blocks in the trail', () => ends(daemon, oracle) >= total());
  const { ips } = await daemon.snapshot();
  const trail = trailOf(daemon);
  for (const ip of oracle.ips) {
    const key = keyOf(ip);
    const told = oracle.blocksOf(ip).flatMap((block) => {
      const what = `${block.rule} ${iso(block.since)}`;
      return isShort(block) ? [`block ${what}`, `end ${what}`] : [`block ${what}`];
    });
    expect(trail.get(key) ?? [], `${what}: trail of ${ip}`).to.deep.equal(told);
    expect(eventsByKind(ips[key]?.events), `${what}: counts of ${ip}`).to.deep.equal(oracle.countsOf(ip));
    const isBlocked = oracle.blocksOf(ip).some((block) => block.until > Date.now());
    expect(await daemon.verdict(ip), `${what}: verdict of ${ip}`).to.equal(
      isBlocked ? 'action=REJECT No.' : 'action=DUNNO',
    );
  }
  const numbers = daemon.audit().map(({ sequence }) => sequence);
  expect(numbers, `${what}: sequence of the trail`).to.deep.equal(numbers.map((_, i) => i + 1));
}

function ends(daemon: TestDaemon, oracle: Oracle): number {
  const keys = new Set(oracle.ips.map(keyOf));
  return daemon.audit().filter(({ event, ip }) => event === 'end' && keys.has(String(ip))).length;
}

/** The lines of the audit trail by client, each as `block RULE AT` or `end RULE SINCE`. */
function trailOf(daemon: TestDaemon): Map<string, string[]> {
  const trail = new Map<string, string[]>();
  for (const { ip, event, rule, at, since } of daemon.audit()) {
    const lines = trail.get(String(ip)) ?? [];
    trail.set(String(ip), lines);
    lines.push(`${event} ${rule} ${event === 'block' ? at : since}`);
  }
  return trail;
}

/** IPv6 counts by /64; the tests' addresses are written so that this is all. */
function keyOf(ip: string): string {
  return ip.includes(':') ? `${ip.slice(0, ip.indexOf('::'))}::/64` : ip;
}
