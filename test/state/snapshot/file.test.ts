// snapshot.json on disk: replaced whole or not at all, read back as it was, and never worse than damaged.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { recordLine } from '../../../src/state/snapshot/client-line.ts';
import { SnapshotDamage } from '../../../src/state/snapshot/damage.ts';
import { readSnapshot, setAside, writeSnapshot } from '../../../src/state/snapshot/file.ts';
import { counterEntry } from '../../../src/state/snapshot/good-line.ts';
import { SNAPSHOT_VERSION, type SnapshotHead } from '../../../src/state/snapshot/head-tail.ts';
import { HOUR } from '../../../src/values/duration.ts';
import { AUTH, BlocksFixture, START, statesOf } from '../../blocks/blocks-fixture.ts';
import { SHARED, savedOf } from '../../blocks/good/good-fixture.ts';
import { temporaryFolder } from '../../harness/folder.ts';

const HEAD: SnapshotHead = {
  version: SNAPSHOT_VERSION,
  written: '2025-03-04T05:06:07.890Z',
  auditSequence: 3,
  log: [{ type: 'file', path: '/var/log/mail.log', offset: 12 }],
  sessions: { open: [] },
  texts: ['No more logins.'],
  goodCounters: [{ sort: 'recipients', within: HOUR / 1000 }],
};
const RULES = [AUTH, { ...AUTH, name: 'watch', limit: 2, enforce: false }, SHARED];

/** Blocks of each kind: blocked and refused, watched, counted, ended; and good clients. */
function variedLake(): BlocksFixture {
  const fixture = new BlocksFixture({ rules: RULES });
  fixture.take('192.0.2.4', [0, 0, 0]).expire(HOUR);
  fixture.take('192.0.2.1', [HOUR, HOUR, HOUR + 1]).refusal('192.0.2.1', HOUR + 2);
  const at = START + HOUR;
  fixture.blocks.take({ kind: 'accepted-message', address: '192.0.2.2', at, recipients: 70_000 });
  fixture.blocks.take({ kind: 'login', address: '192.0.2.2', at: at + 7, user: 2 ** 47 + 1 });
  fixture.blocks.take({ kind: 'login', address: '192.0.2.2', at, user: undefined });
  fixture.blocks.take({ kind: 'accepted-message', address: '2001:db8::7', at, recipients: 1 });
  return fixture
    .take('192.0.2.2', [HOUR, HOUR + 1])
    .take('2001:db8::1', [HOUR])
    .take('192.0.2.4', [HOUR + 5]);
}

const fileIn = (folder = temporaryFolder()): string => join(folder, 'snapshot.json');

/** Good clients in the order of their keys. */
function byKey({ blocks }: BlocksFixture): unknown {
  return savedOf(blocks.good).sort((a, b) => a.key.localeCompare(b.key));
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('state/snapshot/file: snapshot.json', () => {
  it('gives back the head and all clients as they were', async () => {
    const path = fileIn();
    const fixture = variedLake();
    expect(await writeSnapshot(path, HEAD, fixture.blocks)).to.equal(4);
    const back = new BlocksFixture({ rules: RULES });
    expect(await readSnapshot(path, back.blocks)).to.deep.include(HEAD);
    expect(statesOf(back.blocks)).to.deep.equal(statesOf(fixture.blocks));
    expect(savedOf(back.blocks.good)).to.deep.equal(savedOf(fixture.blocks.good)).and.to.have.lengthOf(2);
    expect(back.changes).to.deep.equal([]);
    expect(back.refusing('192.0.2.1', HOUR + 1)).to.equal('auth');
  });

  it('is valid JSON with a line for each client, which grep finds', async () => {
    const path = fileIn();
    await writeSnapshot(path, HEAD, variedLake().blocks);
    const text = readFileSync(path, 'utf8');
    expect(JSON.parse(text)).to.include({ tracked: 4, trackedGood: 2 });
    const [clients = '', good = ''] = text.split('},"good":{');
    for (const ip of ['192.0.2.1', '192.0.2.2', '192.0.2.4', '2001:db8::/64'])
      expect(clients.split('\n').filter((line) => line.startsWith(`"${ip}":{`))).to.have.lengthOf(1);
    expect(good.split('\n').filter((line) => line.startsWith('"192.0.2.2":['))).to.have.lengthOf(1);
  });

  it('can be of nobody, and of many', async () => {
    for (const count of [0, 1, 499, 500, 501, 3000]) {
      const path = fileIn();
      const fixture = new BlocksFixture({ maxTracked: 10_000 });
      for (let i = 0; i < count; i++) fixture.take(`10.0.${i >> 8}.${i & 255}`, [i]);
      expect(await writeSnapshot(path, HEAD, fixture.blocks)).to.equal(count);
      const back = new BlocksFixture({ maxTracked: 10_000 });
      await readSnapshot(path, back.blocks);
      expect(statesOf(back.blocks)).to.deep.equal(statesOf(fixture.blocks));
      JSON.parse(readFileSync(path, 'utf8'));
    }
  });

  it('can be checked with gzip: the checksum is that of all lines but the last', async () => {
    const path = fileIn();
    const fixture = new BlocksFixture({ maxTracked: 10_000 });
    for (let i = 0; i < 3000; i++) fixture.take(`10.0.${i >> 8}.${i & 255}`, [i]);
    await writeSnapshot(path, HEAD, fixture.blocks);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const { crc32: sum } = JSON.parse(`{"ips":{${lines.pop()}`) as { crc32: string };
    const packed = gzipSync(lines.map((line) => `${line}\n`).join(''));
    expect(sum).to.equal(
      packed
        .readUInt32LE(packed.length - 8)
        .toString(16)
        .padStart(8, '0'),
    );
  });

  it('shows the moment at which it was begun, whatever is counted while it is written', async () => {
    const path = fileIn();
    const policy = { rules: [AUTH, SHARED], maxTracked: 3400 };
    const fixture = new BlocksFixture(policy);
    const mail = (i: number, time: number) => {
      const address = `10.0.${i >> 8}.${i & 255}`;
      fixture.blocks.take({ kind: 'accepted-message', address, at: START + time, recipients: i });
    };
    for (let i = 0; i < 3000; i++) fixture.take(`10.0.${i >> 8}.${i & 255}`, [i]);
    for (let i = 0; i < 3000; i++) mail(i, i);
    const before = statesOf(fixture.blocks);
    const good = byKey(fixture);
    const head = { ...HEAD, goodCounters: fixture.blocks.good.savedCounters.map(counterEntry) };
    const writing = writeSnapshot(path, head, fixture.blocks);
    for (let i = 2990; i < 3500; i++) {
      fixture.take(`10.0.${i >> 8}.${i & 255}`, [4000, 4000, 4000]);
      mail(i, HOUR + 4000);
    }
    await writing;
    const back = new BlocksFixture(policy);
    await readSnapshot(path, back.blocks);
    expect(statesOf(back.blocks)).to.deep.equal(before);
    expect(byKey(back)).to.deep.equal(good);
    expect(byKey(fixture)).not.to.deep.equal(good);
  });

  it('of version 2 has no good clients, and is read', async () => {
    const path = fileIn();
    await writeSnapshot(path, HEAD, variedLake().blocks);
    const [head = '', ips = '', , tail = ''] = readFileSync(path, 'utf8').split(
      /"ips":|\},"good":|\},"tracked":/,
    );
    const older = head.replace('"version":3', '"version":2');
    writeFileSync(path, `${older}"ips":${ips}},"tracked":${tail.replace(/,.*\}/, '}')}`);
    const back = new BlocksFixture({ rules: RULES });
    await readSnapshot(path, back.blocks);
    expect(statesOf(back.blocks)).to.deep.equal(statesOf(variedLake().blocks));
    expect(back.blocks.good.size).to.equal(0);
  });

  it('is damaged where a good client is there twice, or in a file of a version that has none', async () => {
    const path = fileIn();
    await writeSnapshot(path, HEAD, variedLake().blocks);
    const text = readFileSync(path, 'utf8').replace(/,"crc32":"[0-9a-f]{8}"/, '');
    for (const [damaged, what] of [
      [text.replace('"192.0.2.2":[', '"2001:db8::/64":['), '2001:db8::/64 is there twice'],
      [text.replace('"version":3', '"version":2'), 'ends early'],
      [text.replace('"trackedGood":2', '"trackedGood":3'), 'ends early'],
      [text.replace(',"trackedGood":2', ''), 'ends early'],
    ] as const) {
      writeFileSync(path, damaged);
      const error = await failureOf(readSnapshot(path, new BlocksFixture({ rules: RULES }).blocks));
      expect(error).to.be.instanceOf(SnapshotDamage);
      expect(error).to.have.property('message').that.includes(what);
    }
  });

  it('keeps a head of any characters, a log file with a curious name included', async () => {
    const path = fileIn();
    const odd = {
      ...HEAD,
      log: [{ path: '/var/log/\u2028\u2029\u0085\r\n"ü' }],
      texts: ['{"version":1,"ips":{'],
    };
    await writeSnapshot(path, odd, new BlocksFixture().blocks);
    expect(await readSnapshot(path, new BlocksFixture().blocks)).to.deep.include(odd);
  });

  for (const [first, second] of [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
    [3, 1],
    [1, 3],
  ] as const) {
    it(`is damaged where a client is there twice, with ${first} and ${second} of 3 events`, async () => {
      const path = fileIn();
      const fixture = new BlocksFixture();
      fixture.take('192.0.2.1', new Array<number>(first).fill(1));
      fixture.take('192.0.2.2', new Array<number>(second).fill(1));
      await writeSnapshot(path, HEAD, fixture.blocks);
      writeFileSync(path, readFileSync(path, 'utf8').replace('"192.0.2.2"', '"192.0.2.1"'));
      const error = await failureOf(readSnapshot(path, new BlocksFixture().blocks));
      expect(error).to.be.instanceOf(SnapshotDamage);
      expect(error).to.have.property('message').that.includes('192.0.2.1 is there twice');
    });
  }

  it('is nothing where there is no file', async () => {
    expect(await readSnapshot(fileIn(), new BlocksFixture().blocks)).to.equal(undefined);
  });

  it('fails with the error of the system where it cannot be read', async () => {
    const path = fileIn();
    mkdirSync(path);
    const error = await failureOf(readSnapshot(path, new BlocksFixture().blocks));
    expect(error).to.have.property('code', 'EISDIR');
    expect(error).not.to.be.instanceOf(SnapshotDamage);
  });

  it('does not take the place of a good one when what must come before fails', async () => {
    const path = fileIn();
    await writeSnapshot(path, HEAD, variedLake().blocks);
    const good = readFileSync(path, 'utf8');
    const broken = new Error('the disk is full');
    const before = () => Promise.reject(broken);
    expect(await failureOf(writeSnapshot(path, HEAD, new BlocksFixture().blocks, { before }))).to.equal(
      broken,
    );
    expect(readFileSync(path, 'utf8')).to.equal(good);
    expect(readdirSync(join(path, '..'))).to.deep.equal(['snapshot.json']);
  });

  it('has what must come before done while the old one still stands', async () => {
    const path = fileIn();
    await writeSnapshot(path, HEAD, new BlocksFixture().blocks);
    const seen: string[] = [];
    const before = async () => {
      seen.push(readFileSync(path, 'utf8'));
    };
    await writeSnapshot(path, { ...HEAD, auditSequence: 4 }, new BlocksFixture().blocks, { before });
    expect(JSON.parse(seen.join())).to.have.property('auditSequence', 3);
    expect(JSON.parse(readFileSync(path, 'utf8'))).to.have.property('auditSequence', 4);
  });

  it('is left as it was by a write that is given up, and by one into a folder that is not there', async () => {
    const path = fileIn();
    await writeSnapshot(path, HEAD, variedLake().blocks);
    const good = readFileSync(path, 'utf8');
    const many = new BlocksFixture({ maxTracked: 10_000 });
    for (let i = 0; i < 3000; i++) many.take(`10.0.${i >> 8}.${i & 255}`, [i]);
    const error = await failureOf(writeSnapshot(path, HEAD, many.blocks, { signal: AbortSignal.abort() }));
    expect(error).to.have.property('name', 'AbortError');
    expect(readFileSync(path, 'utf8')).to.equal(good);
    expect(readdirSync(join(path, '..'))).to.deep.equal(['snapshot.json']);
    const nowhere = join(path, '..', 'no', 'snapshot.json');
    expect(await failureOf(writeSnapshot(nowhere, HEAD, new BlocksFixture().blocks))).to.have.property(
      'code',
      'ENOENT',
    );
  });

  it('can be written again after a write that failed, with all that changed since', async () => {
    const path = fileIn();
    const fixture = variedLake();
    await failureOf(
      writeSnapshot(path, HEAD, fixture.blocks, { before: () => Promise.reject(new Error('no')) }),
    );
    fixture.take('192.0.2.9', [HOUR + 9]);
    expect(await writeSnapshot(path, HEAD, fixture.blocks)).to.equal(5);
  });

  it('can be read by its owner and group, and by nobody else', async () => {
    const path = fileIn();
    await writeSnapshot(path, HEAD, new BlocksFixture().blocks);
    expect(statSync(path).mode & 0o007).to.equal(0);
  });

  it('is set aside under a name that tells why and when', async () => {
    const path = fileIn();
    writeFileSync(path, 'damaged');
    const name = await setAside(path, 'damaged', START);
    expect(name).to.equal(`${path}.damaged-2025-03-04T050607.890Z`);
    expect(readFileSync(name, 'utf8')).to.equal('damaged');
    expect(readdirSync(join(path, '..'))).to.have.lengthOf(1);
  });
});

describe('state/snapshot/file: a damaged snapshot.json', () => {
  let good: Buffer;
  const path = fileIn();

  before(async () => {
    await writeSnapshot(path, HEAD, variedLake().blocks);
    good = readFileSync(path);
  });

  /** Reads bytes as a snapshot; what comes of them can be written again. */
  async function outcome(bytes: Buffer): Promise<'restored' | SnapshotDamage> {
    writeFileSync(path, bytes);
    const fixture = new BlocksFixture({ rules: RULES });
    try {
      await readSnapshot(path, fixture.blocks);
    } catch (error) {
      if (error instanceof SnapshotDamage) return error;
      throw error;
    }
    const walk = fixture.blocks.table.walk(recordLine);
    while (walk.step(1));
    return 'restored';
  }

  it('is found wherever it was cut off', async () => {
    // Without its last line end it is whole.
    for (let length = 0; length < good.length - 1; length++) {
      const found = await outcome(good.subarray(0, length));
      expect(found, `cut after ${length} bytes`).to.be.instanceOf(SnapshotDamage);
    }
    expect(await outcome(good)).to.equal('restored');
  });

  it('is found wherever a bit has flipped', async () => {
    for (let i = 0; i < good.length; i++) {
      const bytes = Buffer.from(good);
      bytes.writeUInt8(bytes.readUInt8(i) ^ (1 << (i % 8)), i);
      const found = await outcome(bytes);
      expect(found, `byte ${i}`).to.be.instanceOf(SnapshotDamage);
    }
  });

  it('is found where a digit of a time has flipped, which leaves it valid', async () => {
    const text = good.toString();
    const flipped = text.replace('"since":"2025-03-04T06', '"since":"2025-03-04T02');
    JSON.parse(flipped);
    expect(flipped).not.to.equal(text);
    const found = await outcome(Buffer.from(flipped));
    expect(found).to.have.property('message').that.includes('checksum');
  });

  it('of a version before the checksum is found or harmless wherever a byte was changed', async () => {
    const older = Buffer.from(good.toString().replace(/,"crc32":"[0-9a-f]{8}"/, ''));
    expect(await outcome(older)).to.equal('restored');
    for (let i = 0; i < older.length; i++) {
      const bytes = Buffer.from(older);
      bytes.writeUInt8(bytes.readUInt8(i) ^ (1 << (i % 8)), i);
      const found = await outcome(bytes);
      if (found !== 'restored') expect(found.code).to.be.oneOf(['damaged', 'foreign-version']);
    }
  });

  it('is found where a line is missing, doubled at its end, or holds zeros', async () => {
    const lines = good.toString().split('\n');
    for (let i = 0; i < lines.length - 1; i++) {
      const without = lines.filter((_, at) => at !== i).join('\n');
      expect(await outcome(Buffer.from(without)), `without line ${i + 1}`).to.be.instanceOf(SnapshotDamage);
      const zeros = lines.map((line, at) => (at === i ? '\0'.repeat(line.length) : line)).join('\n');
      expect(await outcome(Buffer.from(zeros)), `zeros for line ${i + 1}`).to.be.instanceOf(SnapshotDamage);
    }
    expect(await outcome(Buffer.concat([good, good]))).to.be.instanceOf(SnapshotDamage);
  });

  it('is of another version where its version says so', async () => {
    const found = await outcome(Buffer.from(good.toString().replace('"version":3', '"version":4')));
    expect(found).to.have.property('code', 'foreign-version');
  });

  it('is found in files that are something else', async () => {
    for (const text of [
      '',
      '\n',
      '{}',
      '[]',
      'null',
      '{"version":1}',
      '#!/bin/sh\n',
      '\0'.repeat(5000),
      '}'.repeat(50),
    ]) {
      expect(await outcome(Buffer.from(text)), JSON.stringify(text.slice(0, 20))).to.be.instanceOf(
        SnapshotDamage,
      );
    }
  });
});
