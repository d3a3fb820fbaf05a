// Generates a month of a mail host's log: any number of lines, the same for the same seed.
// As a program: node dist/test/bench/month.js LINES [SEED] > FILE

import { once as event } from 'node:events';
import { pathToFileURL } from 'node:url';
import { Burst, once } from './month/abuse.ts';
import { Host } from './month/host.ts';
import { greylisted, inbound, noise, submission } from './month/mail.ts';
import type { Script } from './month/script.ts';
import { Timetable } from './month/timetable.ts';

export interface MonthOptions {
  /** default 1 */
  readonly seed?: number;
  /** ms since 1970; default 1 October 2026 */
  readonly from?: number;
  /** ms that the lines cover, approximately; default 30 days */
  readonly span?: number;
}

const FROM = Date.UTC(2026, 9, 1);
const MONTH = 30 * 86_400_000;
/** The kinds of arrivals, in per cent. */
const ARRIVALS: readonly (readonly [number, (host: Host, at: number) => Script])[] = [
  [28, inbound],
  [9, submission],
  [4, greylisted],
  [25, once],
  [34, noise],
];
/** Average number of lines of an arrival, its share of the bursts included. */
const LINES_AN_ARRIVAL = 9.6;
/** One in so many arrivals begins a burst. */
const ARRIVALS_A_BURST = 300;
/** Characters of a chunk. */
const CHUNK = 1 << 16;

/** The log as pieces of text, each of whole lines. */
export function* month(lines: number, options: MonthOptions = {}): Generator<string, void, undefined> {
  const { seed = 1, from = FROM, span = MONTH } = options;
  const world = new World(seed, from, span / (lines / LINES_AN_ARRIVAL), Math.max(20, lines / 400));
  let text = '';
  for (let left = lines; left > 0; left--) {
    text += world.line();
    if (text.length >= CHUNK) {
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}

class World {
  readonly #host: Host;
  readonly #scripts = new Timetable<Script>();
  readonly #bursts = new Timetable<Burst>();
  readonly #gap: number;
  readonly #longestBurst: number;
  #arrival: number;
  #second = Number.NaN;
  #stamp = '';

  constructor(seed: number, from: number, gap: number, longestBurst: number) {
    this.#host = new Host(seed);
    this.#arrival = from;
    this.#gap = gap;
    this.#longestBurst = longestBurst;
  }

  line(): string {
    for (;;) {
      const script = this.#scripts.first;
      const burst = this.#bursts.first;
      const due = script?.at ?? Number.POSITIVE_INFINITY;
      if (burst !== undefined && burst.at < due && burst.at < this.#arrival) {
        this.#scripts.add(burst.session());
        this.#bursts.sift();
      } else if (script === undefined || this.#arrival <= due) this.#arrive();
      else {
        const line = `${this.#stampOf(due)} mx1 ${script.take()}`;
        this.#scripts.sift();
        return line;
      }
    }
  }

  #arrive(): void {
    const host = this.#host;
    let dice = host.random.below(100);
    for (const [share, begin] of ARRIVALS) {
      if (dice < share) {
        this.#scripts.add(begin(host, this.#arrival));
        break;
      }
      dice -= share;
    }
    if (host.random.below(ARRIVALS_A_BURST) === 0) {
      this.#bursts.add(new Burst(host, this.#arrival, this.#longestBurst));
    }
    this.#arrival += host.random.gap(this.#gap / activity(this.#arrival));
  }

  /** RFC 3339 with microseconds, as rsyslog writes it. */
  #stampOf(at: number): string {
    const second = Math.floor(at / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#stamp = new Date(second * 1000).toISOString().slice(0, 19);
    }
    const micros = 1_000_000 + Math.floor((at - second * 1000) * 1000);
    return `${this.#stamp}.${String(micros).slice(1)}+00:00`;
  }
}

/** There is more traffic by day than by night. */
function activity(at: number): number {
  return 1 - 0.5 * Math.cos(((at % 86_400_000) / 86_400_000) * 2 * Math.PI);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [lines = Number.NaN, seed = 1] = process.argv.slice(2).map(Number);
  if (!Number.isInteger(lines) || !Number.isInteger(seed)) {
    console.error('usage: node month.js LINES [SEED] > FILE');
    process.exit(64);
  }
  for (const chunk of month(lines, { seed })) {
    if (!process.stdout.write(chunk, 'latin1')) await event(process.stdout, 'drain');
  }
}
