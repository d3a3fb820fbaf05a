// Reading a log in a process of its own: file, lines, events, rules, counts. Prints one JSON object.
// node dist/test/bench/reading-child.js LOG ROUNDS

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AllowList } from '../../src/blocks/allow.ts';
import { Blocks } from '../../src/blocks/blocks.ts';
import { RuleSet } from '../../src/blocks/rules.ts';
import { loadConfig } from '../../src/config/load.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { FileBatch, type Surroundings } from '../../src/maillog/sources/file-batch.ts';
import { OpenLog } from '../../src/maillog/sources/open-log.ts';
import { LineReader } from '../../src/maillog/syslog/line-reader.ts';
import { byKind } from './line-kinds.ts';
import { median } from './report.ts';

export interface ReadingResult {
  /** lines/s of each round */
  readonly rates: readonly number[];
  /** lines for each second of CPU time, of each round: other load on the core does not affect it */
  readonly cpuRates: readonly number[];
  readonly events: number;
  readonly kinds: readonly { readonly kind: string; readonly lines: number; readonly ns: number }[];
}

/** Lines of one kind that are read to measure its cost, and how many times. */
const SAMPLE = 20_000;
const REPEATS = 7;

const POLICY = fileURLToPath(new URL('../../../policy.yml', import.meta.url));
const { rules, allow, ipv6Prefix, nat64, maxTracked } = await loadConfig(POLICY);
const now = Date.UTC(2026, 10, 1);

/** One run from the first line to the last, from an empty state. */
class Run {
  events = 0;
  readonly #reader = new LogReader();
  readonly #blocks = new Blocks(
    { rules: new RuleSet(rules), allow: new AllowList(allow), ipv6Prefix, nat64, maxTracked },
    () => undefined,
  );

  constructor() {
    this.#reader.texts.add(rules.map(({ message }) => message));
  }

  take({ records }: FileBatch): void {
    for (const record of records) {
      this.#reader.read(record, (event) => {
        this.events++;
        this.#blocks.take(event);
      });
    }
    const time = records.at(-1)?.at ?? 0;
    this.#blocks.expire(time);
    this.#blocks.forget(time);
  }
}

function around(path: string): Surroundings {
  return { path, lines: new LineReader(), now, isWhole: false, at: undefined, after: undefined };
}

/** @returns ns elapsed, ns of CPU time, and the number of events */
async function readFile(path: string): Promise<{ ns: number; cpu: number; events: number }> {
  const run = new Run();
  const surroundings = around(path);
  const begin = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const file = await OpenLog.open(path, 0);
  for (;;) {
    const piece = await file.read(surroundings);
    if (!(piece instanceof FileBatch)) break;
    run.take(piece);
  }
  await file.close();
  const { user, system } = process.cpuUsage(cpu);
  return { ns: Number(process.hrtime.bigint() - begin), cpu: (user + system) * 1000, events: run.events };
}

/** ns for each line */
function costOf(lines: readonly string[]): number {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
  const times = Array.from({ length: REPEATS }, () => {
    const run = new Run();
    const begin = process.hrtime.bigint();
    run.take(new FileBatch(bytes, 0, 0, { ...around('sample'), inode: 1 }));
    return Number(process.hrtime.bigint() - begin) / lines.length;
  });
  return median(times);
}

const [path = '', rounds] = process.argv.slice(2);
const lines = readFileSync(path, 'latin1').split('\n').slice(0, -1);
const rates: number[] = [];
const cpuRates: number[] = [];
let counted = 0;
// The first round warms up the compiler.
for (let round = 0; round <= Number(rounds); round++) {
  const { ns, cpu, events } = await readFile(path);
  if (round > 0) rates.push((lines.length / ns) * 1e9);
  if (round > 0) cpuRates.push((lines.length / cpu) * 1e9);
  counted = events;
}
const kinds = [...byKind(lines)]
  .map(([kind, all]) => ({ kind, lines: all.length, ns: costOf(all.slice(0, SAMPLE)) }))
  .sort((a, b) => b.lines * b.ns - a.lines * a.ns);
console.log(JSON.stringify({ rates, cpuRates, events: counted, kinds } satisfies ReadingResult));
