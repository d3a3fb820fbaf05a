// The blocked part of snapshot.json: which clients it has, and that damage in it is found.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { BlockTerm } from '../../../src/blocks/table/block.ts';
import { textOf } from '../../../src/blocks/table/key-words.ts';
import { parseBlockedLine } from '../../../src/state/snapshot/blocked-line.ts';
import { readBlockedPart } from '../../../src/state/snapshot/blocked-part.ts';
import { recordLine } from '../../../src/state/snapshot/client-line.ts';
import { readSnapshot, writeSnapshot } from '../../../src/state/snapshot/file.ts';
import { SNAPSHOT_VERSION, type SnapshotHead } from '../../../src/state/snapshot/head-tail.ts';
import { HOUR } from '../../../src/values/duration.ts';
import { AUTH, BlocksFixture } from '../../blocks/blocks-fixture.ts';
import { temporaryFolder } from '../../harness/folder.ts';

const HEAD: SnapshotHead = {
  version: SNAPSHOT_VERSION,
  written: '2025-03-04T05:06:07.890Z',
  auditSequence: 3,
  log: [{ type: 'file', path: '/var/log/mail.log', offset: 12 }],
  sessions: { open: [] },
  texts: ['No more logins.', 'für später'],
};
const RULES = [AUTH, { ...AUTH, name: 'watch', limit: 2, enforce: false }];

type Terms = Record<string, BlockTerm>;

interface Read {
  readonly head: SnapshotHead | undefined;
  readonly terms: Terms;
}

function readFrom(path: string): Read | undefined {
  const terms: Terms = {};
  try {
    const head = readBlockedPart(path, (key, { rule, since, until }) => {
      terms[textOf(key)] = { rule, since, until };
    });
    return head && { head, terms };
  } catch {
    return undefined;
  }
}

function termsIn({ blocks }: BlocksFixture): Terms {
  const blocked = [...blocks.table.pinnedRecords()].flatMap(({ key, block }) =>
    block ? [{ key, block }] : [],
  );
  return Object.fromEntries(
    blocked.map(({ key, block: { rule, since, until } }) => [key, { rule, since, until }]),
  );
}

/** Blocked clients of both families, one that is only watched, and others. */
function fixtureOf(blocked: number): BlocksFixture {
  const fixture = new BlocksFixture({ rules: RULES, maxTracked: 100_000 });
  for (let i = 0; i < blocked; i++) {
    const address = i % 2 === 0 ? `192.0.2.${i % 256}` : `2001:db8:0:${i.toString(16)}::1`;
    fixture.take(address, [i, i, i + 1]);
  }
  return fixture.take('198.51.100.1', [5, 6]).take('198.51.100.2', [7]).take('198.51.100.3', [8]);
}

async function written(fixture: BlocksFixture): Promise<string> {
  const path = join(temporaryFolder(), 'snapshot.json');
  await writeSnapshot(path, HEAD, fixture.blocks);
  return path;
}

/** How long the part is, with the field that says so. */
function partEnd(bytes: Buffer): number {
  const text = bytes.toString('latin1', 0, 200);
  return text.indexOf('"written"') + Number(/"blockedBytes": *(\d+)/.exec(text)?.[1]);
}

describe('state/snapshot/blocked-part', () => {
  for (const blocked of [0, 1, 40]) {
    it(`gives the head and the blocks of ${blocked} blocked clients, and no other`, async () => {
      const fixture = fixtureOf(blocked);
      const path = await written(fixture);
      const read = readFrom(path);
      expect(read?.head).to.deep.include(HEAD);
      expect(read?.terms).to.deep.equal(termsIn(fixture));
      const back = new BlocksFixture({ rules: RULES });
      expect(await readSnapshot(path, back.blocks)).to.deep.include(HEAD);
      expect(termsIn(back)).to.deep.equal(termsIn(fixture));
      expect(JSON.parse(readFileSync(path, 'utf8')))
        .to.have.property('blockedBytes')
        .above(0);
    });
  }

  it('has the blocks of the moment at which the snapshot began, whatever starts and ends while it is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(60), { minLength: 1, maxLength: 60 }), async (others) => {
        const fixture = fixtureOf(40);
        const expected = termsIn(fixture);
        const path = join(temporaryFolder(), 'snapshot.json');
        const writing = writeSnapshot(path, HEAD, fixture.blocks, {
          prepare: async () => {
            for (const n of others) {
              fixture.take(`192.0.2.${n}`, [HOUR + n, HOUR + n, HOUR + n]).take(`203.0.113.${n}`, [n, n, n]);
              fixture.refusal(`192.0.2.${n}`, 20);
            }
          },
        });
        await writing;
        expect(readFrom(path)?.terms).to.deep.equal(expected);
        await readSnapshot(path, new BlocksFixture({ rules: RULES }).blocks);
      }),
      { numRuns: 20 },
    );
  });

  it('is not believed with any byte of it changed, and is with any behind it', async () => {
    const path = await written(fixtureOf(3));
    const bytes = readFileSync(path);
    const expected = readFrom(path);
    const end = partEnd(bytes);
    expect(end).to.be.below(bytes.length);
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      writeFileSync(path, changed);
      const read = readFrom(path);
      if (i < end) expect(read, `byte ${i}`).to.equal(undefined);
      else expect(read, `byte ${i}`).to.deep.equal(expected);
    }
  });

  it('is not believed where the file ends within it, and is where it ends behind it', async () => {
    const path = await written(fixtureOf(3));
    const bytes = readFileSync(path);
    const end = partEnd(bytes);
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(readFrom(path) !== undefined, `${length} bytes`).to.equal(length >= end);
    }
  });

  it('is missing in a snapshot of an earlier release', async () => {
    const path = await written(fixtureOf(3));
    const { blockedBytes: _, blockedCrc32: __, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, `${JSON.stringify(rest)}\n`);
    expect(readFrom(path)).to.equal(undefined);
    expect(() => readBlockedPart(join(temporaryFolder(), 'none'), () => undefined)).to.throw('ENOENT');
  });
});

describe('state/snapshot/blocked-part: a line', () => {
  it('gives what the whole line gives', () => {
    const { blocks } = fixtureOf(4);
    for (const record of blocks.table.search(true)) {
      const line = Buffer.from(`${recordLine(record)},`);
      const read = parseBlockedLine(line, 0, line.length, 1);
      const { block } = record;
      const expected = block && { rule: block.rule, since: block.since, until: block.until };
      expect(read?.block, record.key).to.deep.equal(expected);
    }
  });

  it('reads a line of another form as JSON', () => {
    const block =
      '{"until":"2025-03-04T05:06:07.890Z","since":"2025-03-04T04:06:07.890Z","rule":"a\\"b","count":3,"refused":0}';
    const line = Buffer.from(`"192.0.2.1":{"block":${block}}`);
    expect(parseBlockedLine(line, 0, line.length, 1)?.block.rule).to.equal('a"b');
  });
});
