// The daemon answers before it has read the counts of a large snapshot.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { partField } from '../../src/state/snapshot/blocked-part.ts';
import {
  GOOD_LINE,
  HEAD_START,
  headLine,
  SNAPSHOT_VERSION,
  tailLine,
} from '../../src/state/snapshot/head-tail.ts';
import { ipv4Text } from '../../src/values/address.ts';
import { HOUR } from '../../src/values/duration.ts';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';

const BLOCKED = '192.0.2.1';
const LIFTED = '192.0.2.2';
const LATER = '192.0.2.3';
const COUNTED = 60_000;
const RULE = 'rejected-recipients';
const TEXT = 'action=REJECT Your IP is sending excessive rejected recipients. Please contact support.';

const iso = (ms: number) => new Date(ms).toISOString();

function blockLine(ip: string, now: number): string {
  const times = `"since":"${iso(now - HOUR)}","until":"${iso(now + HOUR)}"`;
  return `"${ip}":{"block":{"rule":"${RULE}",${times},"count":3,"refused":0,"counts":{"rejected-recipient":3}}}`;
}

/** Two blocked clients, and many that are only counted. */
function snapshotText(now: number): Buffer {
  const head = {
    version: SNAPSHOT_VERSION,
    written: iso(now),
    auditSequence: 0,
    log: [],
    sessions: {},
    texts: [],
  };
  const blocked = [BLOCKED, LIFTED].map((ip) => blockLine(ip, now)).join(',\n');
  const part = Buffer.from(`${headLine(head).slice(HEAD_START.length)}${blocked}`);
  const counted = Array.from(
    { length: COUNTED },
    (_, i) => `"${ipv4Text(0x0a000000 + i)}":{"events":{"auth-failure":["${iso(now - i)}"]}}`,
  );
  const field = Buffer.from(partField({ bytes: part.length, crc32: crc32(part) }));
  const rest = Buffer.from(`,\n${counted.join(',\n')}\n${GOOD_LINE}\n`);
  const lines = Buffer.concat([field, part, rest]);
  const tail = tailLine({ tracked: COUNTED + 2, trackedGood: 0, crc32: crc32(lines) });
  return Buffer.concat([lines, Buffer.from(tail)]);
}

/** The snapshot, and after it a trail: one block was lifted, and another client is blocked. */
function writeState({ state }: TestDaemon): Buffer {
  const now = Date.now();
  const bytes = snapshotText(now);
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, 'snapshot.json'), bytes);
  const of = { at: iso(now), rule: RULE, enforced: true };
  const trail = [
    { event: 'end', ip: LIFTED, ...of, since: iso(now - HOUR), reason: 'lifted', refused: 0 },
    { event: 'block', ip: LATER, ...of, until: iso(now + HOUR), count: 3 },
  ].map((entry, i) => ({ version: 1, sequence: i + 1, written: iso(now), ...entry }));
  writeFileSync(join(state, 'audit.jsonl'), trail.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return bytes;
}

async function expectBlocks(daemon: TestDaemon): Promise<void> {
  expect(await daemon.verdict(BLOCKED)).to.equal(TEXT);
  expect(await daemon.verdict(LATER)).to.equal(TEXT);
  expect(await daemon.verdict(LIFTED)).to.equal('action=DUNNO');
  expect(await daemon.verdict('10.0.0.1')).to.equal('action=DUNNO');
}

/** The clients that the daemon tracks. */
async function tracked(daemon: TestDaemon): Promise<number> {
  return Object.keys((await daemon.snapshot()).ips).length;
}

describe('service: early verdicts', () => {
  afterEach(endDaemons);

  it('refuses a blocked client before the counts are read, and then knows them', async () => {
    const daemon = new TestDaemon();
    writeState(daemon);
    daemon.spawn();
    await daemon.said(/ listening /);
    await expectBlocks(daemon);
    await daemon.said(/ ready /);
    await expectBlocks(daemon);
    expect(daemon.output).to.match(
      / blocks-read blocks=2 [\s\S]* listening [\s\S]* snapshot-read tracked=60003 /,
    );
    expect(await tracked(daemon)).to.equal(COUNTED + 3);
  });

  it('loses nothing when it is killed or stopped while it reads the counts', async () => {
    const daemon = new TestDaemon();
    const bytes = writeState(daemon);
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      daemon.spawn();
      await daemon.said(/ listening /);
      daemon.signal('SIGHUP');
      daemon.signal('SIGUSR1');
      const ended = await daemon.stop(signal);
      expect(ended).to.equal(signal === 'SIGKILL' ? signal : 0);
      if (daemon.output.includes(' snapshot-read ')) continue;
      expect(readFileSync(join(daemon.state, 'snapshot.json')).equals(bytes)).to.equal(true);
    }
    await daemon.start();
    await expectBlocks(daemon);
    expect(await tracked(daemon)).to.equal(COUNTED + 3);
  });

  it('refuses on when the counts prove damaged', async () => {
    const daemon = new TestDaemon();
    const bytes = writeState(daemon);
    writeFileSync(join(daemon.state, 'snapshot-before.json'), bytes);
    const damaged = Buffer.from(bytes);
    const at = bytes.length - 1000;
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(join(daemon.state, 'snapshot.json'), damaged);
    daemon.spawn();
    await daemon.said(/ listening /);
    await expectBlocks(daemon);
    await daemon.said(/ ready /);
    await expectBlocks(daemon);
    expect(daemon.output).to.match(/ blocks-read [\s\S]* snapshot-set-aside /);
    expect(readdirSync(daemon.state).some((name) => name.includes('damaged-'))).to.equal(true);
  });
});
