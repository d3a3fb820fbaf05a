// All inputs of a replay as one: their records in order of time, each once. Opens an input when its time comes.

import type { LogRecord } from '../../maillog/syslog/record.ts';
import { Duplicates, MARGIN } from './duplicates.ts';
import type { InputOptions } from './input.ts';
import { InputQueue } from './input-queue.ts';
import { openWaiting, type WaitingInput, waitingInputs } from './waiting-input.ts';

/** How much of the inputs has been read. */
export interface ReadProgress {
  /** read so far, as they are on disk */
  readonly bytes: number;
  /** undefined where an input's size is not known */
  readonly total: number | undefined;
  readonly lines: number;
}

/** Records of a batch, approximately: enough to make the cost of the calls small. */
const BATCH = 500;

export class MergedInputs {
  readonly #options: InputOptions;
  readonly #total: number | undefined;
  /** in order of time */
  readonly #waiting: WaitingInput[];
  /** in the order in which they were opened: of records of the same time, those of the earlier file come first */
  #open: InputQueue[] = [];
  /** ms since 1970: the newest record that was passed on while another input was near in time */
  #sharedUntil = Number.NEGATIVE_INFINITY;
  readonly duplicates = new Duplicates();
  #bytesDone = 0;
  #linesDone = 0;

  private constructor(waiting: WaitingInput[], options: InputOptions) {
    this.#waiting = waiting;
    this.#options = options;
    this.#total = waiting.reduce<number | undefined>(
      (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    );
  }

  /** @throws ExitError with a line for each input that cannot be read */
  static async open(paths: readonly string[], options: InputOptions): Promise<MergedInputs> {
    return new MergedInputs(await waitingInputs(paths, options), options);
  }

  get progress(): ReadProgress {
    const bytes = this.#open.reduce((sum, { input }) => sum + input.bytesRead, this.#bytesDone);
    const lines = this.#open.reduce((sum, { input }) => sum + input.lines, this.#linesDone);
    // A log that is still written to grows while it is read.
    const total = this.#total === undefined ? undefined : Math.max(this.#total, bytes);
    return { bytes, total, lines };
  }

  /**
   * The next records, some hundreds, at least one; undefined at the end.
   *
   * @throws ExitError when a file was replaced after its start was peeked at
   */
  async next(): Promise<readonly LogRecord[] | undefined> {
    const batch: LogRecord[] = [];
    while (batch.length < BATCH) {
      // What is ready comes first: an input that cannot be read must not cost it.
      const queue = this.#first() ?? (batch.length === 0 ? await this.#fill() : undefined);
      if (queue === undefined) break;
      const run = this.#runOf(queue);
      const isAlone = this.#isAlone(run);
      if (isAlone && batch.length === 0) return run;
      for (const record of run) if (isAlone || this.duplicates.isNew(record, queue)) batch.push(record);
    }
    return batch.length === 0 ? undefined : batch;
  }

  async close(): Promise<void> {
    for (const { input } of this.#open) this.#options.onEnd?.(input);
    const inputs = [...this.#open.map(({ input }) => input), ...this.#waiting.map(({ input }) => input)];
    this.#open = [];
    this.#waiting.length = 0;
    await Promise.all(inputs.map((input) => input?.close()));
  }

  /** The open input whose turn it is; undefined while that depends on records that are not read yet. */
  #first(): InputQueue | undefined {
    let first: InputQueue | undefined;
    for (const queue of this.#open) {
      const { at } = queue;
      if (at === undefined) return undefined;
      if (first === undefined || at < (first.at ?? at)) first = queue;
    }
    const due = this.#waiting[0]?.from;
    if (first === undefined || (due !== undefined && due < (first.at ?? due))) return undefined;
    return first;
  }

  /** Reads and opens inputs until it is known whose turn it is; undefined at the end of all. */
  async #fill(): Promise<InputQueue | undefined> {
    for (;;) {
      for (const queue of this.#open) if (!(await queue.refill())) await this.#end(queue);
      const first = this.#first();
      if (first !== undefined) return first;
      const next = this.#waiting.shift();
      if (next !== undefined) await this.#join(new InputQueue(await openWaiting(next, this.#options)));
      else if (this.#open.length === 0) return undefined;
    }
  }

  /** Adds an open input. Where it may continue another one, reads ahead to see when that one ends. */
  async #join(joining: InputQueue): Promise<void> {
    this.#open.push(joining);
    if (this.#open.length === 1 || !(await joining.refill())) return;
    const until = (joining.begin ?? Number.NEGATIVE_INFINITY) + 2 * MARGIN;
    for (const queue of this.#open) await queue.lookAhead(until);
  }

  async #end(queue: InputQueue): Promise<void> {
    this.#open = this.#open.filter((other) => other !== queue);
    this.#bytesDone += queue.input.bytesRead;
    this.#linesDone += queue.input.lines;
    this.#options.onEnd?.(queue.input);
    await queue.input.close();
  }

  /** Takes the records of an input up to the turn of another one. */
  #runOf(queue: InputQueue): readonly LogRecord[] {
    let before = Number.POSITIVE_INFINITY;
    let upTo = this.#waiting[0]?.from ?? Number.POSITIVE_INFINITY;
    let isBehind = false;
    for (const other of this.#open) {
      if (other === queue) isBehind = true;
      else if (isBehind) upTo = Math.min(upTo, other.at ?? upTo);
      else before = Math.min(before, other.at ?? before);
    }
    return queue.take(before, upTo);
  }

  /** Whether no other input can contain these records, because none is near in time. */
  #isAlone(run: readonly LogRecord[]): boolean {
    const first = run[0]?.at ?? 0;
    const last = run.at(-1)?.at ?? first;
    const due = this.#waiting[0]?.from ?? Number.POSITIVE_INFINITY;
    const isNear = this.#open.length > 1 || due - last <= MARGIN;
    if (isNear) this.#sharedUntil = Math.max(this.#sharedUntil, last);
    const isAlone = !isNear && first - this.#sharedUntil > MARGIN;
    if (isAlone) this.duplicates.clear();
    return isAlone;
  }
}
