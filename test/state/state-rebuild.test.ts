// A start without the newest snapshot, or without any: from the one before, or from the audit trail alone.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Blocks } from '../../src/blocks/blocks.ts';
import type { State } from '../../src/state/state.ts';
import { HOUR } from '../../src/values/duration.ts';
import { START } from '../blocks/blocks-fixture.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { detailedEvent, newBlocks, openState } from './state-folder.ts';

const HAND = { by: 'alice', why: 'ticket 4711' };
const BOOKMARK = { log: [], sessions: {}, texts: [] };

interface Life {
  readonly state: State;
  readonly blocks: Blocks;
}

async function started(folder: string, now = START): Promise<Life & { readonly path: string | undefined }> {
  const state = await openState(folder);
  const blocks = newBlocks(state);
  const { path } = await state.restore(blocks, now);
  blocks.adopt(blocks.terms, now);
  return { state, blocks, path };
}

/** Blocks by rule and by hand, a watched one, and what was lifted, given and taken back. */
async function live({ state, blocks }: Life): Promise<void> {
  for (const ip of ['192.0.2.1', '192.0.2.2', '2001:db8:1:2::1'])
    for (const time of [0, 1, 2]) blocks.take(detailedEvent(ip, time));
  for (const time of [0, 1]) blocks.take(detailedEvent('192.0.2.3', time));
  blocks.lift('192.0.2.2', START + 3, HAND, START + HOUR);
  blocks.impose('192.0.2.4', 'auth', START + 4, START + HOUR, HAND);
  blocks.allow({ entry: '198.51.100.0/24', at: START + 5, until: START + HOUR, hand: HAND });
  blocks.allow({ entry: '203.0.113.0/24', at: START + 5, until: START + HOUR, hand: HAND });
  blocks.disallow('203.0.113.0/24', START + 6, HAND);
  await state.flush();
}

function refused({ blocks }: Life, now = START + 10): string[] {
  return ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '2001:db8:1:2::9'].filter(
    (ip) => blocks.refusing(ip, () => undefined, now) !== undefined,
  );
}

const REFUSED = ['192.0.2.1', '192.0.2.4', '2001:db8:1:2::9'];

function flip(path: string): void {
  const bytes = readFileSync(path);
  const place = bytes.indexOf('"until":"') + 12;
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  writeFileSync(path, bytes);
}

describe('state/state-rebuild: without the newest snapshot', () => {
  let folder: string;
  let life: Life;

  beforeEach(async () => {
    folder = temporaryFolder();
    life = await started(folder);
  });

  const trail = () => readFileSync(join(folder, 'audit.jsonl'), 'utf8');

  it('begins with the one before where it is damaged, from its positions, and with what the trail tells since', async () => {
    await life.state.save(life.blocks, { ...BOOKMARK, log: [{ number: 1 }] }, START);
    await live(life);
    await life.state.save(life.blocks, { ...BOOKMARK, log: [{ number: 2 }] }, START + 7);
    const before = trail();
    flip(join(folder, 'snapshot.json'));
    const state = await openState(folder);
    const blocks = newBlocks(state);
    const { bookmark, path, unusable, redone } = await state.restore(blocks, START + 8);
    expect(bookmark?.log).to.deep.equal([{ number: 1 }]);
    expect(path).to.equal(join(folder, 'snapshot-before.json'));
    expect(unusable.map(({ reason }) => reason)).to.match(/checksum/);
    expect(redone).to.have.lengthOf(before.trimEnd().split('\n').length);
    expect(refused({ state, blocks })).to.deep.equal(REFUSED);
    await state.save(blocks, BOOKMARK, START + 9);
    expect(trail(), 'nothing is told twice').to.equal(before);
    expect((await started(folder)).path).to.equal(join(folder, 'snapshot.json'));
  });

  it('begins with the one before where a crash left no other', async () => {
    await live(life);
    await life.state.save(life.blocks, BOOKMARK, START + 7);
    renameSync(join(folder, 'snapshot.json'), join(folder, 'snapshot-before.json'));
    const again = await started(folder);
    expect(again.path).to.equal(join(folder, 'snapshot-before.json'));
    expect(refused(again)).to.deep.equal(REFUSED);
  });

  it('keeps as the one before what was the newest, over many', async () => {
    for (let i = 0; i < 4; i++) {
      const older = i === 0 ? undefined : readFileSync(join(folder, 'snapshot.json'), 'utf8');
      await life.state.save(life.blocks, { ...BOOKMARK, texts: [String(i)] }, START + i);
      if (older !== undefined)
        expect(readFileSync(join(folder, 'snapshot-before.json'), 'utf8')).to.equal(older);
    }
  });

  for (const [what, damage] of [
    ['both are damaged', (path: string) => flip(path)],
    ['both are gone', (path: string) => rmSync(path)],
  ] as const) {
    it(`has from the trail what runs where ${what}, and what was given and lifted by hand`, async () => {
      await live(life);
      for (const now of [7, 8]) await life.state.save(life.blocks, BOOKMARK, START + now);
      for (const name of ['snapshot.json', 'snapshot-before.json']) damage(join(folder, name));
      const before = trail();
      const again = await started(folder, START + 9);
      expect(again.path).to.equal(undefined);
      expect(refused(again)).to.deep.equal(REFUSED);
      expect(again.blocks.recordOf('192.0.2.2')?.grace).to.equal(START + HOUR);
      expect(again.blocks.recordOf('192.0.2.3')?.watches?.map(({ rule }) => rule)).to.deep.equal(['watch']);
      expect(again.blocks.allowEntries.all.map(({ entry }) => entry)).to.deep.equal(['198.51.100.0/24']);
      again.blocks.take(detailedEvent('192.0.2.2', 2));
      expect(again.blocks.recordOf('192.0.2.2')?.events, 'from before the lift').to.deep.equal([]);
      await again.state.flush();
      expect(trail(), 'nothing is told twice').to.equal(before);
      again.blocks.expire(START + 2 * HOUR);
      await again.state.flush();
      expect(refused(again, START + 2 * HOUR)).to.deep.equal([]);
      const ends = trail().match(/"event":"end"/g) ?? [];
      const begun = trail().match(/"event":"block"/g) ?? [];
      expect(ends.length, 'each block has one end').to.equal(begun.length);
    });
  }

  it('has it from rotated and compressed trails too', async () => {
    await live(life);
    const lines = trail().split(/(?<=\n)/);
    writeFileSync(join(folder, 'audit.jsonl.2.gz'), gzipSync(lines.slice(0, 4).join('')));
    writeFileSync(join(folder, 'audit.jsonl.1'), lines.slice(4, 7).join(''));
    writeFileSync(join(folder, 'audit.jsonl'), lines.slice(7).join(''));
    const again = await started(folder, START + 9);
    expect(refused(again)).to.deep.equal(REFUSED);
    again.blocks.impose('192.0.2.7', 'auth', START + 10, START + HOUR, HAND);
    await again.state.flush();
    const last = trail().trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).to.include({ sequence: lines.length + 1 });
  });

  it('says why where the trail cannot be read, and goes on with the snapshot', async () => {
    await life.state.save(life.blocks, BOOKMARK, START);
    const state = await openState(folder);
    const blocks = newBlocks(state);
    // Gone between the look at the directory and the reading.
    rmSync(folder, { recursive: true });
    await state.restore(blocks, START + 1);
    expect(state.auditTrouble).to.match(/ENOENT/);
    blocks.impose('192.0.2.7', 'auth', START + 2, START + HOUR, HAND);
    await state.flush();
    expect(trail()).to.contain('192.0.2.7');
  });
});
