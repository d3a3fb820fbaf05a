// The history of a client in the audit trail: its newest lines, and of many lines about one thing the newest.

import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
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

describe('state/audit-history: rotated files', () => {
  /** Graces of IP with these numbers, a line each, with those of other clients between them. */
  function lines(...numbers: readonly number[]): string {
    return numbers
      .flatMap((number) => [IP, '192.0.2.11'].map((ip) => grace(number, ip)))
      .map((line) => `${line}\n`)
      .join('');
  }

  function grace(number: number, ip: string): string {
    const change: AuditedChange = { type: 'grace', ip, at: START + number, until: START + 99, hand: HAND };
    return JSON.stringify(auditEntry(change, 2 * number + Number(ip !== IP), START));
  }

  /** A trail of these files: name and content; the later ones are older. */
  function trail(files: Readonly<Record<string, string | Buffer>>): string {
    const folder = temporaryFolder();
    for (const [i, [name, content]] of Object.entries(files).entries()) {
      writeFileSync(join(folder, name), content);
      utimesSync(join(folder, name), START / 1000 - i, START / 1000 - i);
    }
    return join(folder, 'audit.jsonl');
  }

  async function numbers(path: string, most = 20): Promise<number[]> {
    return (await historyIn(path, [IP], most)).map(({ at }) => Date.parse(at) - START);
  }

  const forms: readonly [what: string, files: Readonly<Record<string, string | Buffer>>][] = [
    [
      'logrotate numbers them',
      {
        'audit.jsonl': lines(7, 8),
        'audit.jsonl.1': lines(5, 6),
        'audit.jsonl.2.gz': gzipSync(lines(3, 4)),
        'audit.jsonl.3.gz': gzipSync(lines(1, 2)),
      },
    ],
    [
      'logrotate dates them',
      {
        'audit.jsonl': lines(7, 8),
        'audit.jsonl-20261101': lines(5, 6),
        'audit.jsonl-20261001.gz': gzipSync(lines(3, 4)),
        'audit.jsonl-20260901.gz': gzipSync(lines(1, 2)),
      },
    ],
    [
      'the newest one is compressed',
      { 'audit.jsonl': lines(7, 8), 'audit.jsonl.1.gz': gzipSync(lines(1, 2, 3, 4, 5, 6)) },
    ],
    [
      'one is there twice while it is compressed',
      {
        'audit.jsonl': lines(7, 8),
        'audit.jsonl.1': lines(3, 4, 5, 6),
        'audit.jsonl.1.gz': gzipSync(lines(3, 4, 5, 6)).subarray(0, 60),
        'audit.jsonl.2.gz': gzipSync(lines(1, 2)),
      },
    ],
  ];
  for (const [what, files] of forms) {
    it(`are read from the newest line back where ${what}`, async () => {
      expect(await numbers(trail(files))).to.deep.equal([8, 7, 6, 5, 4, 3, 2, 1]);
      expect(await numbers(trail(files), 5)).to.deep.equal([8, 7, 6, 5, 4]);
    });
  }

  it('of a damaged one the lines before the damage are read', async () => {
    const damaged = gzipSync(lines(1, 2)).subarray(0, -8);
    const path = trail({
      'audit.jsonl': lines(3),
      'audit.jsonl.1.gz': damaged,
      'audit.jsonl.2.gz': 'no gzip',
    });
    expect((await numbers(path))[0]).to.equal(3);
  });

  it('take a text that looks like another client for what it is', async () => {
    const hand = { by: 'alice', why: `"ip":"${IP}"` };
    const change: AuditedChange = { type: 'grace', ip: '192.0.2.11', at: START, until: START + 9, hand };
    expect(
      await numbers(trail({ 'audit.jsonl': JSON.stringify(auditEntry(change, 1, START)) })),
    ).to.deep.equal([]);
  });

  it('are looked through up to a bound', async () => {
    const other = `${JSON.stringify({ ip: '192.0.2.11', fill: 'x'.repeat(60_000) })}\n`.repeat(1000);
    const path = trail({
      'audit.jsonl': lines(9),
      'audit.jsonl.1.gz': gzipSync(other),
      'audit.jsonl.2.gz': gzipSync(lines(1)),
    });
    expect(await numbers(path)).to.deep.equal([9]);
  });
});
