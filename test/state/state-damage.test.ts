// Whatever has become of snapshot.json and audit.jsonl: read or set aside, and the service goes on with all it does.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Blocks } from '../../src/blocks/blocks.ts';
import { Lookup } from '../../src/desk/lookup.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { FileSource } from '../../src/maillog/sources/file.ts';
import { isPosition } from '../../src/maillog/sources/source.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import type { Restored, State } from '../../src/state/state.ts';
import { START, statesOf } from '../blocks/blocks-fixture.ts';
import { savedOf } from '../blocks/good/good-fixture.ts';
import { Chance, scaled } from '../harness/scale.ts';
import { parseLine } from '../maillog/parse-line.ts';
import {
  CLIENTS,
  detailedEvent,
  filledFolder,
  LINE,
  newBlocks,
  openState,
  writeState,
} from './state-folder.ts';

/** What may stand in the place of a value of JSON. */
const HOSTILE = [
  'null',
  'true',
  '0',
  '-1',
  '0.5',
  '1e999',
  '-1e999',
  '1e300',
  '9007199254740993',
  '""',
  '"x"',
  '"__proto__"',
  '"unknown"',
  '"+275760-09-13T00:00:00.000Z"',
  '"-271821-04-20T00:00:00.000Z"',
  '"192.0.2.0/33"',
  '"::/999"',
  '[]',
  '[null]',
  '{}',
  '{"__proto__":{"x":1}}',
  '{"toString":1}',
  '[[[[]]]]',
  `"${'9'.repeat(400)}"`,
];
/** Every string, number and word of a JSON text. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null/g;

/** Bytes between two places at which a file is cut off. */
const STEP = Math.max(1, Math.round(20 / scaled(1)));

type Outcome = 'restored' | 'set-aside' | 'none';

/** The blocks that stand, and what was given by hand. */
function standing({ table, allowEntries }: Blocks): unknown {
  const blocks: Record<string, string> = {};
  const walk = table.walk(({ key, block, watches = [], grace }) => {
    const held = [block ?? [], watches.filter(({ ended }) => !ended)].flat();
    const texts = held.map(({ rule, since, until }) => `${rule} ${since} ${until}`);
    if (texts.length > 0 || grace > 0) blocks[key] = [...texts, grace].join();
  });
  while (walk.step(100));
  return { blocks, allowed: allowEntries.saved };
}

/**
 * Starts with a state directory and does everything once that a daemon does.
 * @param expected what stands where the snapshot is of no use, and the trail alone tells
 */
async function lived(folder: string, expected?: unknown): Promise<Outcome> {
  const damaged = readFileSync(join(folder, 'snapshot.json'));
  const state = await openState(folder);
  const blocks = newBlocks(state);
  const { bookmark = { log: [], sessions: {}, texts: [] }, ...restored } = await state.restore(
    blocks,
    START + 100,
  );
  const outcome = outcomeOf(restored);
  if (outcome === 'set-aside') {
    expect(readFileSync(restored.unusable[0]?.name ?? '')).to.deep.equal(damaged);
    expect(existsSync(join(folder, 'snapshot.json'))).to.equal(false);
    if (expected !== undefined) expect(standing(blocks), 'rebuilt from the trail').to.deep.equal(expected);
  }
  const reader = new LogReader();
  reader.texts.add(bookmark.texts);
  reader.sessions.restore(bookmark.sessions);
  await works(state, blocks);
  readsOn(reader);
  await follows(folder, bookmark.log);
  const head = { log: bookmark.log, sessions: reader.sessions.state, texts: reader.texts.texts };
  await state.save(blocks, head, START + 200);
  const again = await openState(folder);
  const back = newBlocks();
  expect(outcomeOf(await again.restore(back, START + 300))).to.equal('restored');
  expect(statesOf(back)).to.deep.equal(statesOf(blocks));
  expect(savedOf(back.good)).to.deep.equal(savedOf(blocks.good));
  expect(back.allowEntries.saved).to.deep.equal(blocks.allowEntries.saved);
  return outcome;
}

function outcomeOf({ path, unusable }: Pick<Restored, 'path' | 'unusable'>): Outcome {
  if (path !== undefined) return 'restored';
  return unusable.length > 0 ? 'set-aside' : 'none';
}

/** Counts, blocks, refuses, lets go, lists and shows. */
async function works(state: State, blocks: ReturnType<typeof newBlocks>): Promise<void> {
  const lookup = new Lookup(blocks, { history: (keys, most) => state.history(keys, most) });
  blocks.expire(START + 101);
  for (const client of CLIENTS) {
    for (const time of [110, 111, 112, 113]) blocks.take(detailedEvent(client, time));
    blocks.take({ ...detailedEvent(client, 120), kind: 'refusal' });
    blocks.take({ kind: 'accepted-message', address: client, at: START + 121, recipients: 2 });
    blocks.take({ kind: 'login', address: client, at: START + 121, user: 7 });
    const isHeld = blocks.refusing(client, () => undefined, START + 121) !== undefined;
    const answer = await lookup.show(client, START + 121);
    JSON.stringify(answer);
    if (isHeld) expect(answer.block, client).not.to.equal(null);
  }
  for (const isWatching of [true, false]) JSON.stringify(lookup.list(isWatching, START + 121));
  blocks.forget(START + 121);
}

/** The sessions that were open are gone on with. */
function readsOn(reader: LogReader): void {
  const stamps = new StampReader();
  const ends = ['timeout after DATA', 'disconnect'].map(
    (words) => `${words} from mail.example.org[192.0.2.3]`,
  );
  for (const message of [...ends, `4F1B2A3C4D: client=unknown[192.0.2.7]`]) {
    const record = parseLine(`2025-03-04T05:06:08Z mx postfix/smtpd[9]: ${message}`, stamps, START);
    if (record !== undefined) reader.read(record, (event) => JSON.stringify(event.detail?.()));
  }
}

/** The log is read on: a new line comes through, from wherever. */
async function follows(folder: string, log: readonly unknown[]): Promise<void> {
  const path = join(folder, 'mail.log');
  const notices: unknown[] = [];
  const source = new FileSource(path, (notice) => notices.push(notice));
  await source.start(
    log.filter(isPosition).find((position) => position.type === 'file' && position.path === path),
  );
  await source.read(START);
  appendFileSync(path, LINE.replace('[192.0.2.3]', '[192.0.2.8]'));
  const messages: string[] = [];
  for (let turn = 0; turn < 4; turn++)
    messages.push(...(await source.read(START)).records.map(({ message }) => message));
  await source.stop();
  expect(messages.at(-1), JSON.stringify({ log, notices })).to.contain('[192.0.2.8]');
}

describe('state/state-damage: damage', () => {
  let folder: string;
  /** what stands where nothing is damaged */
  let whole: unknown;
  let summed: Buffer;
  /** as of a file from before the checksum, which would find most damage */
  let snapshot: Buffer;
  let audit: Buffer;

  before(async () => {
    ({ folder, snapshot: summed, audit } = await filledFolder());
    snapshot = Buffer.from(summed.toString().replace(/,"crc32":"[0-9a-f]{8}"/, ''));
    writeState(folder, summed, audit);
    const blocks = newBlocks();
    await (await openState(folder)).restore(blocks, START + 100);
    whole = standing(blocks);
  });

  it('none at all: everything is there again', async () => {
    writeState(folder, snapshot, audit);
    expect(await lived(folder)).to.equal('restored');
  });

  async function withSnapshot(bytes: Buffer | string): Promise<Outcome> {
    writeState(folder, bytes, audit);
    return await lived(folder, whole).catch((error: Error) => {
      throw new Error(`${error.message}, with ${Buffer.from(bytes).toString()}`, { cause: error });
    });
  }

  async function withAudit(bytes: Buffer | string): Promise<void> {
    writeState(folder, snapshot, bytes);
    const outcome = await lived(folder).catch((error: Error) => {
      throw new Error(`${error.message}, with ${Buffer.from(bytes).toString()}`, { cause: error });
    });
    expect(outcome).to.equal('restored');
  }

  it('of a snapshot cut off at any byte sets it aside', async () => {
    for (let length = 0; length < snapshot.length - 1; length += STEP) {
      expect(await withSnapshot(snapshot.subarray(0, length)), `${length} bytes`).to.equal('set-aside');
    }
  });

  it('of any bit of a snapshot sets it aside, or leaves one with which everything works', async () => {
    const chance = new Chance();
    for (let i = 0; i < scaled(80); i++) {
      const bytes = Buffer.from(snapshot);
      const place = chance.below(bytes.length);
      bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << chance.below(8)), place);
      await withSnapshot(bytes);
    }
  });

  it('of any bit of a snapshot with its checksum sets it aside', async () => {
    const chance = new Chance();
    for (let i = 0; i < scaled(80); i++) {
      const bytes = Buffer.from(summed);
      const place = chance.below(bytes.length);
      bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << chance.below(8)), place);
      expect(await withSnapshot(bytes)).to.equal('set-aside');
    }
    expect(await withSnapshot(summed)).to.equal('restored');
  });

  it('of any value of a snapshot sets it aside, or leaves one with which everything works', async () => {
    for (const text of replaced(snapshot.toString(), scaled(200))) await withSnapshot(text);
  });

  it('of a snapshot’s lines, swapped, doubled or missing, sets it aside or leaves one with which everything works', async () => {
    const lines = snapshot.toString().split('\n');
    for (let i = 0; i < lines.length; i++) {
      for (let j = 0; j < lines.length; j++) {
        await withSnapshot(
          lines.map((line, at) => (at === i ? lines[j] : at === j ? lines[i] : line)).join('\n'),
        );
        await withSnapshot(lines.map((line, at) => (at === i ? lines[j] : line)).join('\n'));
      }
      expect(await withSnapshot(lines.filter((_, at) => at !== i).join('\n'))).to.equal(
        i === lines.length - 1 ? 'restored' : 'set-aside',
      );
    }
  });

  it('of a trail cut off at any byte loses no more than its last line', async () => {
    for (let length = 0; length < audit.length; length += 6 * STEP)
      await withAudit(audit.subarray(0, length));
  });

  it('of any bit or value of the trail leaves the rest of it, and everything works', async () => {
    const chance = new Chance();
    for (let i = 0; i < scaled(30); i++) {
      const bytes = Buffer.from(audit);
      const place = chance.below(bytes.length);
      bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << chance.below(8)), place);
      await withAudit(bytes);
    }
    for (const text of replaced(audit.toString(), scaled(60))) await withAudit(text);
  });
});

/** The text with one of its values replaced, as often as asked for, or in each way there is where that is less. */
function* replaced(text: string, most: number): Generator<string> {
  const tokens = [...text.matchAll(TOKEN)];
  const chance = new Chance();
  const isAll = tokens.length * HOSTILE.length <= most;
  for (let i = 0; i < Math.min(most, tokens.length * HOSTILE.length); i++) {
    const number = isAll ? i : chance.below(tokens.length * HOSTILE.length);
    const token = tokens[number % tokens.length];
    const place = token?.index ?? 0;
    const value = HOSTILE[Math.floor(number / tokens.length)] ?? '';
    yield text.slice(0, place) + value + text.slice(place + (token?.[0].length ?? 0));
  }
}
