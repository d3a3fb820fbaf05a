// A state directory with something of everything in it, for tests that damage it.

import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Blocks } from '../../src/blocks/blocks.ts';
import type { Kind } from '../../src/blocks/events/event.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { FileSource } from '../../src/maillog/sources/file.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { openDirectory } from '../../src/state/directory.ts';
import { State } from '../../src/state/state.ts';
import { AUTH, eventOf, START, termsOf } from '../blocks/blocks-fixture.ts';
import { SHARED } from '../blocks/good/good-fixture.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { parseLine } from '../maillog/parse-line.ts';

const WATCH = { ...AUTH, name: 'watch', limit: 2, enforce: false };
/** A line of the log that the snapshot has a position in. */
export const LINE = '2025-03-04T05:06:07Z mx postfix/smtpd[9]: connect from unknown[192.0.2.3]\n';
const HAND = { by: 'alice', why: 'ticket 4711' };
export const CLIENTS = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '2001:db8:1:2::1'];

export function newBlocks(state?: State): Blocks {
  const terms = termsOf({ rules: [AUTH, WATCH, SHARED] });
  return new Blocks(terms, (change) => void state?.note(change, START));
}

/** What one client did, with all that its log line tells. */
export function detailedEvent(address: string, time: number, kind: Kind = 'auth-failure') {
  const detail = () => ({ mechanism: 'PLAIN', user: 'info', line: `postfix/smtpd[1]: ${address}` });
  return { ...eventOf(address, time, kind), detail };
}

function sessions(): unknown {
  const reader = new LogReader();
  const stamps = new StampReader();
  for (const message of [
    'client=mail.example.org[192.0.2.3], sasl_username=u',
    'timeout after DATA from mail.example.org[192.0.2.3]',
  ]) {
    const record = parseLine(
      `2025-03-04T05:06:07Z mx postfix/smtpd[9]: 4F1B2A3C4D: ${message}`,
      stamps,
      START,
    );
    if (record !== undefined) reader.read(record, () => undefined);
  }
  return reader.sessions.state;
}

/** A log of one line that has been read, and where that leaves its reader. */
async function filePosition(folder: string): Promise<unknown> {
  const path = join(folder, 'mail.log');
  writeFileSync(path, '');
  const source = new FileSource(path, () => undefined);
  await source.start(undefined);
  await source.read(START);
  appendFileSync(path, LINE);
  const batch = await source.read(START);
  await source.stop();
  return batch.positionAfter(1);
}

export async function openState(folder: string): Promise<State> {
  await openDirectory(folder);
  return new State(folder);
}

/** snapshot.json and audit.jsonl of blocks of every kind, by rule and by hand; the trail goes on after the snapshot. */
export async function filledFolder(): Promise<{ folder: string; snapshot: Buffer; audit: Buffer }> {
  const folder = temporaryFolder();
  const state = await openState(folder);
  const blocks = newBlocks(state);
  await state.restore(blocks, START);
  for (const time of [0, 1, 2]) blocks.take(detailedEvent('192.0.2.1', time));
  blocks.take({ ...detailedEvent('192.0.2.1', 3), kind: 'refusal' });
  for (const time of [0, 1]) blocks.take(detailedEvent('192.0.2.2', time));
  blocks.take(detailedEvent('2001:db8:1:2::1', 1));
  blocks.take({ kind: 'accepted-message', address: '192.0.2.2', at: START + 4, recipients: 3 });
  for (const user of [1, 2 ** 40, undefined])
    blocks.take({ kind: 'login', address: '2001:db8:1:2::1', at: START + 5, user });
  blocks.impose('192.0.2.3', 'auth', START, START + 9_000_000, HAND);
  blocks.lift('192.0.2.4', START, HAND, START + 5_000_000);
  blocks.allow({ entry: '198.51.100.0/24', at: START, until: START + 9_000_000, hand: HAND });
  const log = [await filePosition(folder), { type: 'journal', cursor: 's=1' }];
  await state.save(blocks, { log, sessions: sessions(), texts: ['No more logins.'] }, START);
  blocks.lift('192.0.2.3', START + 10, HAND, undefined);
  blocks.impose('192.0.2.9', 'auth', START + 11, START + 9_000_000, HAND);
  blocks.disallow('198.51.100.0/24', START + 12, HAND);
  await state.flush();
  return {
    folder,
    snapshot: readFileSync(join(folder, 'snapshot.json')),
    audit: readFileSync(join(folder, 'audit.jsonl')),
  };
}

/** There is no snapshot before. */
export function writeState(folder: string, snapshot: string | Buffer, audit: string | Buffer): void {
  rmSync(join(folder, 'snapshot-before.json'), { force: true });
  writeFileSync(join(folder, 'snapshot.json'), snapshot);
  writeFileSync(join(folder, 'audit.jsonl'), audit);
}
