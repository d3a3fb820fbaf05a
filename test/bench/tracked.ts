// Writes a snapshot of any number of tracked clients, all of them with good events, with the product's own code, for a daemon to start from.
// node dist/test/bench/tracked.js FOLDER CLIENTS SPREAD EACH_BLOCKED

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AllowList } from '../../src/blocks/allow.ts';
import { Blocks } from '../../src/blocks/blocks.ts';
import type { GoodCounter } from '../../src/blocks/good/good-terms.ts';
import type { SavedGoodClient } from '../../src/blocks/good/saved-good-client.ts';
import { RuleSet } from '../../src/blocks/rules.ts';
import type { Block, Evidence } from '../../src/blocks/table/block.ts';
import type { Note } from '../../src/blocks/table/note-cells.ts';
import { noteOfEvidence } from '../../src/blocks/table/note-forms.ts';
import { writeSnapshot } from '../../src/state/snapshot/file.ts';
import { counterEntry } from '../../src/state/snapshot/good-line.ts';
import { SNAPSHOT_VERSION } from '../../src/state/snapshot/head-tail.ts';
import { clientKey, ipv4Text } from '../../src/values/address.ts';
import { HOUR } from '../../src/values/duration.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { moduleOf, Program } from './programs.ts';

/** One in so many clients is blocked, is half way to a limit, or has three events. */
const BLOCKED = 500;
const HALF_WAY = 40;
const SOME = 8;
const LOGGED_IN = 4;
const OFFICE = 100;
const OFFICE_USERS = 10;
/** kept of each blocked client */
const NOTES = 10;
/** those of the shipped policy */
const COUNTERS: readonly GoodCounter[] = [
  { sort: 'recipients', within: HOUR },
  { sort: 'messages', within: HOUR },
  { sort: 'connections', within: HOUR / 6 },
];
const KINDS = 2;
const CODES = 8;

/** The address of the n-th tracked client: all differ, every tenth is IPv6. */
export function trackedAddress(n: number): string {
  if (n % 10 === 9) return `2001:db8:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}::1`;
  return ipv4Text((101 + (n >>> 24)) * 0x1000000 + (Math.imul(n, 0x9e3779b1) & 0xffffff));
}

/** Addresses for requests: some are blocked, some counted, some unknown. */
export function mixedAddresses(tracked: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    if (i % 10 === 0) return trackedAddress(Math.floor((tracked / BLOCKED) * (i / count)) * BLOCKED);
    return trackedAddress(Math.floor((i / count) * tracked * 1.5));
  });
}

/**
 * A folder with a state directory.
 * @param spread ms over which the newest events of the clients are spread
 * @param each one in so many clients is blocked
 */
export async function folderOfTracked(clients: number, spread: number, each = BLOCKED): Promise<string> {
  const folder = temporaryFolder();
  await Program.node('load', [moduleOf('tracked'), folder, ...[clients, spread, each].map(String)]).ended();
  return folder;
}

async function write(folder: string, clients: number, spread: number, each: number): Promise<void> {
  const now = Date.now();
  const terms = {
    rules: new RuleSet([]),
    allow: new AllowList([]),
    ipv6Prefix: 64,
    nat64: [],
    maxTracked: clients * 4,
  };
  const blocks = new Blocks(terms, () => undefined);
  blocks.loading.goodCounters(COUNTERS, now);
  for (let n = 0; n < clients; n++) {
    const at = now - spread + Math.floor((n / clients) * spread);
    const key = clientKey(trackedAddress(n), 64, []) ?? '';
    const block = n % each === 0 ? blockOf(n, now) : undefined;
    const events = block === undefined ? eventsOf(n, at) : [];
    blocks.loading.client(key, { events, floor: 0, block, watches: undefined });
    blocks.loading.goodClient(goodClient(n, key, at));
  }
  const written = new Date(now).toISOString();
  const goodCounters = COUNTERS.map(counterEntry);
  const head = {
    version: SNAPSHOT_VERSION,
    written,
    auditSequence: 0,
    log: [],
    sessions: {},
    texts: [],
    goodCounters,
  };
  mkdirSync(join(folder, 'state'));
  await writeSnapshot(join(folder, 'state', 'snapshot.json'), head, blocks);
}

/** Each of them brought mail; from one in four somebody logged in, and from one in a hundred an office. */
function goodClient(n: number, key: string, at: number): SavedGoodClient {
  const latest = Math.floor(at / 1000);
  const users = n % OFFICE === 0 ? OFFICE_USERS : n % LOGGED_IN === 0 ? 1 : 0;
  return {
    key,
    latest,
    newest: latest,
    sums: [n % 50, n % 20, n % 10, n % 5, 1, 0],
    users: Array.from({ length: users }, (_, i) => [n * 2 ** 20 + i, at - i * 1000]).flat(),
  };
}

/** Some of the blocks end within the next minutes. */
function blockOf(n: number, now: number): Block<readonly Note[]> {
  const until = now + ((n / BLOCKED) % 8 === 0 ? (n / BLOCKED) * 100 : 20 * HOUR);
  const rule = 'rejected-recipients';
  const since = until - 48 * HOUR;
  const evidence = Array.from({ length: NOTES }, (_, i) => noteOfEvidence(evidenceOf(n, since - i * 1000)));
  const counts = { 'rejected-recipient': 100 };
  return { rule, since, until, count: 100, counts, evidence, refused: 0, firstRefused: 0, lastRefused: 0 };
}

function evidenceOf(n: number, at: number): Evidence {
  const recipient = `nobody${n}@example.com`;
  const reply = `550 5.1.1 <${recipient}>: Recipient address rejected: User unknown in virtual mailbox table`;
  const line = `NOQUEUE: reject: RCPT from unknown[192.0.2.1]: ${reply}`;
  const who = { sender: 'spam@sender.example.net', recipient, helo: 'mail.sender.example.net', line };
  return {
    at: new Date(at).toISOString(),
    kind: 'rejected-recipient',
    class: 'unknown-recipient',
    ...who,
    reply,
  };
}

function eventsOf(n: number, newest: number): number[] {
  const count = n % HALF_WAY === 1 ? 15 : n % SOME === 2 ? 3 : 1;
  return Array.from({ length: count }, (_, i) => (newest - (count - 1 - i) * 1000) * CODES + (n % KINDS));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = '', clients, spread, each] = process.argv.slice(2);
  await write(folder, Number(clients), Number(spread), Number(each));
}
