// The search through the audit trail: its rotated files, its steps and its bounds.

import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { searchTrail, type TrailRest } from '../../../src/desk/find/trail-search.ts';
import { auditEntry } from '../../../src/state/audit.ts';
import { START } from '../../blocks/blocks-fixture.ts';
import { temporaryFolder } from '../../harness/folder.ts';

function lines(from: number, count: number, why = 'ticket'): string {
  return Array.from({ length: count }, (_, i) => {
    const hand = { by: 'alice', why: `${why} ${from + i}` };
    const change = { type: 'grace', ip: '192.0.2.1', at: START, until: START + 9, hand } as const;
    return `${JSON.stringify(auditEntry(change, from + i, START))}\n`;
  }).join('');
}

class Trail {
  readonly folder = temporaryFolder();
  steps = 0;

  write(name: string, content: string | Buffer): this {
    writeFileSync(join(this.folder, name), content);
    return this;
  }

  async search(
    wanted: string,
    mostSteps = Number.POSITIVE_INFINITY,
  ): Promise<[TrailRest | undefined, number[]]> {
    const found: number[] = [];
    const rest = await searchTrail(join(this.folder, 'audit.jsonl'), {
      isWanted: (line) => line.includes(wanted),
      take: ({ sequence }) => found.push(sequence),
      next: async () => ++this.steps < mostSteps,
    });
    return [rest, found];
  }
}

describe('desk/find/trail-search', () => {
  it('looks through the trail and its rotated files, compressed by gzip or not, the newest lines first', async () => {
    const trail = new Trail()
      .write('audit.jsonl', lines(5, 2))
      .write('audit.jsonl.1', lines(3, 2))
      .write('audit.jsonl.2.gz', gzipSync(lines(1, 2)));
    expect(await trail.search('ticket')).to.deep.equal([undefined, [6, 5, 4, 3, 1, 2]]);
    expect(await trail.search('ticket 4')).to.deep.equal([undefined, [4]]);
  });

  it('passes over what is no line, and never follows a link', async () => {
    const other = new Trail().write('secret', lines(1, 1));
    const trail = new Trail().write('audit.jsonl', `ticket\n{"ticket":1}\n\0\0ticket\n${lines(1, 1)}`);
    symlinkSync(join(other.folder, 'secret'), join(trail.folder, 'audit.jsonl.1'));
    expect(await trail.search('ticket')).to.deep.equal([undefined, [1]]);
  });

  it('says what it cannot read', async () => {
    const trail = new Trail().write('audit.jsonl', lines(2, 1)).write('audit.jsonl.1.xz', 'xz');
    expect(await trail.search('ticket')).to.deep.equal(['compression', [2]]);
    expect(
      await searchTrail('/nonexistent/audit.jsonl', {
        isWanted: () => true,
        take: () => 0,
        next: async () => true,
      }),
    ).to.equal('unreadable');
    expect(await new Trail().search('ticket')).to.deep.equal([undefined, []]);
  });

  it('lets other work be done after each 64 KiB, and ends when it is told to', async () => {
    const trail = new Trail().write('audit.jsonl', lines(1, 2000));
    const [rest, found] = await trail.search('nothing');
    expect([rest, found]).to.deep.equal([undefined, []]);
    expect(trail.steps).to.be.at.least(Math.floor(lines(1, 2000).length / (1 << 16)) - 1);
    trail.steps = 0;
    const [why, some] = await trail.search('ticket', 2);
    expect(why).to.equal('time');
    expect(some.length).to.be.within(1, 1999);
  });

  it('reads no more than 64 MiB, of however little a compressed file is made', async () => {
    const bomb = gzipSync(`${'x'.repeat(60_000)}\n`.repeat(1200));
    const trail = new Trail().write('audit.jsonl', lines(1, 1)).write('audit.jsonl.1.gz', bomb);
    expect(await trail.search('ticket')).to.deep.equal(['size', [1]]);
  });
});
