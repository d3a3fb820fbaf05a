// Counts events of many clients, from log lines as the daemon reads them, and measures the memory that they take.
// node --expose-gc dist/test/bench/memory-child.js CLIENTS EVENTS [GOOD]; prints one JSON object. GOOD clients bring mail,
// log in and end a connection each.

import { fileURLToPath } from 'node:url';
import { AllowList } from '../../src/blocks/allow.ts';
import { Blocks } from '../../src/blocks/blocks.ts';
import { RuleSet } from '../../src/blocks/rules.ts';
import { loadConfig } from '../../src/config/load.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { FileBatch } from '../../src/maillog/sources/file-batch.ts';
import { LineReader } from '../../src/maillog/syslog/line-reader.ts';
import { trackedAddress } from './tracked.ts';

/** Bytes. */
export interface MemoryResult {
  readonly clients: number;
  readonly events: number;
  /** clients with good events */
  readonly good: number;
  /** heap and resident memory for each client */
  readonly heap: number;
  readonly resident: number;
  /** the whole process */
  readonly all: number;
}

const STEP = 1000;
const FROM = Date.UTC(2026, 9, 1);
const POLICY = fileURLToPath(new URL('../../../policy.yml', import.meta.url));

const [clients = 0, events = 1, good = 0] = process.argv.slice(2).map(Number);
const { rules, allow, ipv6Prefix, nat64 } = await loadConfig(POLICY);
// Large enough: an evicted client would take no memory.
const maxTracked = Math.max(clients, good) * 10;
const shared = good === 0 ? rules : rules.map((rule) => ({ ...rule, share: rule.share ?? 0.1 }));
const terms = { rules: new RuleSet(shared), allow: new AllowList(allow), ipv6Prefix, nat64, maxTracked };
const blocks = new Blocks(terms, () => undefined);
const reader = new LogReader();
const lines = new LineReader();

function read(first: number, count: number, round: number): void {
  const at = new Date(FROM + round * 1000).toISOString();
  const text = Array.from({ length: count }, (_, i) => {
    const to = `user${i}@example.com`;
    return `${at} mx1 postfix/smtpd[${i % 90}]: NOQUEUE: reject: RCPT from unknown[${trackedAddress(first + i)}]: 550 5.1.1 <${to}>: Recipient address rejected: User unknown in virtual mailbox table; from=<a@example.org> to=<${to}> proto=ESMTP helo=<x>\n`;
  }).join('');
  const around = { path: '', lines, now: FROM, isWhole: false, at: undefined, after: undefined, inode: 1 };
  for (const record of new FileBatch(Buffer.from(text, 'latin1'), 0, 0, around).records) {
    reader.read(record, (event) => blocks.take(event));
  }
}

/** What each client does well. */
function credit(first: number, count: number): void {
  for (let n = first; n < first + count; n++) {
    const moment = { at: FROM, address: trackedAddress(n) };
    blocks.take({ kind: 'accepted-message', ...moment, recipients: 3 });
    blocks.take({ kind: 'login', ...moment, user: n });
    blocks.take({ kind: 'ended-connection', ...moment });
  }
}

function weigh(): NodeJS.MemoryUsage {
  global.gc?.();
  global.gc?.();
  return process.memoryUsage();
}

read(clients, STEP, 0);
const before = weigh();
for (let round = 0; round < events; round++) {
  for (let first = 0; first < clients; first += STEP) read(first, Math.min(STEP, clients - first), round);
}
for (let first = 0; first < good; first += STEP) credit(first, Math.min(STEP, good - first));
const after = weigh();
if (blocks.table.size < clients) throw new Error(`only ${blocks.table.size} clients are tracked`);
const each = (which: 'heapUsed' | 'rss') => (after[which] - before[which]) / Math.max(clients, good);
if (blocks.good.size < good) throw new Error(`only ${blocks.good.size} good clients are kept`);
const result = { clients, events, good, heap: each('heapUsed'), resident: each('rss'), all: after.rss };
console.log(JSON.stringify(result satisfies MemoryResult));
