// The history of a client in the audit trail: its newest lines, and of many lines about one thing the newest.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AuditedChange } from '../../src/blocks/changes.ts';
import { auditEntry } from '../../src/state/audit.ts';
import { historyIn } from '../../src/state/audit-lines.ts';
import { START } from '../blocks/blocks-fixture.ts';
import { temporaryFolder } from '../harness/folder.ts';

const IP = '192.0.2.1';
const HAND = { by: 'alice', why: 'ticket 4711' };

function spared(at: number, rule: string, reason: 'share' | 'breaker' = 'share', ip = IP): AuditedChange {
  const figures = { bad: 120, good: 5880, share: 0.1, enforced: true };
  return { type: 'spared', ip, rule, at: START + at, reason, ...figures };
}

/** The history in a trail of these changes, newest first: event, rule, and ms after START. */
async function historyOf(changes: readonly AuditedChange[], most = 20): Promise<string[]> {
  const path = join(temporaryFolder(), 'audit.jsonl');
  const lines = changes.map((change, i) => JSON.stringify(auditEntry(change, i + 1, START)));
  writeFileSync(path, `${lines.join('\n')}\n`);
  const entries = await historyIn(path, [IP], most);
  return entries.map(({ event, rule = '', at }) => `${event} ${rule} ${Date.parse(at) - START}`);
}

describe('state/audit-history: the history of a client', () => {
  it('has former actions behind any number of lines that say it is spared', async () => {
    const grace: AuditedChange = { type: 'grace', ip: IP, at: START, until: START + 9, hand: HAND };
    const hourly = Array.from({ length: 100 }, (_, i) => spared(i + 1, 'r'));
    expect(await historyOf([grace, ...hourly])).to.deep.equal(['spared r 100', 'grace  0']);
  });

  it('has the newest such line of each rule and reason', async () => {
    const changes = [
      spared(1, 'a'),
      spared(2, 'b'),
      spared(3, 'a', 'breaker'),
      spared(4, 'a'),
      spared(5, 'b'),
    ];
    expect(await historyOf(changes)).to.deep.equal(['spared b 5', 'spared a 4', 'spared a 3']);
  });

  it('has no line of another client, and no more lines than are wanted', async () => {
    const changes = ['a', 'b', 'c'].map((rule, i) => spared(i, rule));
    expect(await historyOf([...changes, spared(9, 'd', 'share', '192.0.2.11')], 2)).to.deep.equal([
      'spared c 2',
      'spared b 1',
    ]);
  });
});
