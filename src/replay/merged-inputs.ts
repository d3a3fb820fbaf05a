// All inputs of a replay as one: their records in order of time, with as few of them open at once as that takes.

import { EXIT, ExitError } from '../exit.ts';
import type { LogRecord } from '../maillog/record.ts';
import { type InputOptions, type LogInput, openInput } from './input.ts';

export interface Progress {
  /** read so far, as they stand on disk */
  readonly bytes: number;
  /** undefined where an input's size is not known */
  readonly total: number | undefined;
  readonly lines: number;
}

/** An input whose time has not come. */
interface Waiting {
  readonly name: string;
  readonly size: number | undefined;
  /** ms since 1970: when it must be opened */
  readonly from: number;
  readonly date: number;
  readonly identity: string | undefined;
  /** what can be read only once stays open */
  readonly input: LogInput | undefined;
}

/** An open input with the records of it that have not been taken. */
interface Head {
  readonly input: LogInput;
  records: readonly LogRecord[];
  place: number;
}

/** Records of one batch, about: enough that the calls cost nothing. */
const BATCH = 500;

export class MergedInputs {
  readonly #options: InputOptions;
  readonly #total: number | undefined;
  /** in order of time */
  readonly #waiting: Waiting[];
  /** in the order in which they were opened: of records of the same time, the earlier file's come first */
  #open: Head[] = [];
  #bytesDone = 0;
  #linesDone = 0;

  private constructor(waiting: Waiting[], options: InputOptions) {
    this.#waiting = waiting;
    this.#options = options;
    this.#total = waiting.reduce<number | undefined>(
      (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    );
  }

  /**
   * Looks at the beginning of each input.
   *
   * @throws ExitError with a line for each input that cannot be read
   */
  static async open(paths: readonly string[], options: InputOptions): Promise<MergedInputs> {
    const waiting: Waiting[] = [];
    const errors: ExitError[] = [];
    for (const path of paths) {
      try {
        waiting.push(await lookAt(path, waiting, options));
      } catch (error) {
        if (!(error instanceof ExitError)) throw error;
        errors.push(error);
      }
    }
    if (errors[0] !== undefined) {
      await Promise.all(waiting.map(({ input }) => input?.close()));
      throw new ExitError(
        errors[0].status,
        errors.flatMap(({ lines }) => lines),
      );
    }
    return new MergedInputs(
      waiting.sort((a, b) => compare(a.from, b.from) || compare(a.date, b.date)),
      options,
    );
  }

  get progress(): Progress {
    const bytes = this.#open.reduce((sum, { input }) => sum + input.bytesRead, this.#bytesDone);
    const lines = this.#open.reduce((sum, { input }) => sum + input.lines, this.#linesDone);
    // A log that is being written to grows while it is read.
    const total = this.#total === undefined ? undefined : Math.max(this.#total, bytes);
    return { bytes, total, lines };
  }

  /**
   * The next records, some hundreds, never none; undefined at the end.
   *
   * @throws ExitError where a file was replaced since it was looked at
   */
  async next(): Promise<readonly LogRecord[] | undefined> {
    const batch: LogRecord[] = [];
    while (batch.length < BATCH) {
      const head = this.#first() ?? (await this.#fill());
      if (head === undefined) break;
      const from = head.place;
      head.place = this.#endOfRun(head);
      const isWhole = from === 0 && head.place === head.records.length;
      if (isWhole && batch.length === 0) return head.records;
      for (const record of head.records.slice(from, head.place)) batch.push(record);
    }
    return batch.length === 0 ? undefined : batch;
  }

  async close(): Promise<void> {
    const inputs = [...this.#open.map(({ input }) => input), ...this.#waiting.map(({ input }) => input)];
    this.#open = [];
    this.#waiting.length = 0;
    await Promise.all(inputs.map((input) => input?.close()));
  }

  /** The open input whose turn it is; undefined where records of another must be read to tell. */
  #first(): Head | undefined {
    let first: Head | undefined;
    for (const head of this.#open) {
      const at = timeOf(head);
      if (at === undefined) return undefined;
      if (first === undefined || at < (timeOf(first) ?? at)) first = head;
    }
    const due = this.#waiting[0]?.from;
    if (first === undefined || (due !== undefined && due < (timeOf(first) ?? due))) return undefined;
    return first;
  }

  /** Reads and opens what it takes to know whose turn it is; undefined at the end of all. */
  async #fill(): Promise<Head | undefined> {
    for (;;) {
      for (const head of this.#open) if (timeOf(head) === undefined) await this.#refill(head);
      const first = this.#first();
      if (first !== undefined) return first;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#open.push({ input: await this.#opened(next), records: [], place: 0 });
      else if (this.#open.length === 0) return undefined;
    }
  }

  async #refill(head: Head): Promise<void> {
    const records = await head.input.read();
    head.place = 0;
    head.records = records ?? [];
    if (records !== undefined) return;
    this.#open = this.#open.filter((other) => other !== head);
    this.#bytesDone += head.input.bytesRead;
    this.#linesDone += head.input.lines;
    await head.input.close();
  }

  async #opened({ name, input, identity }: Waiting): Promise<LogInput> {
    if (input !== undefined) return input;
    const opened = await openInput(name, this.#options);
    if (opened.identity === identity) return opened;
    await opened.close();
    throw new ExitError(EXIT.io, [
      `${name} was replaced by another file meanwhile, as logrotate does: try again`,
    ]);
  }

  /** Behind the last record of a head that may be taken before another input has its turn. */
  #endOfRun(head: Head): number {
    const { records } = head;
    let before = Number.POSITIVE_INFINITY;
    let upTo = this.#waiting[0]?.from ?? Number.POSITIVE_INFINITY;
    let isBehind = false;
    for (const other of this.#open) {
      if (other === head) isBehind = true;
      else if (isBehind) upTo = Math.min(upTo, timeOf(other) ?? upTo);
      else before = Math.min(before, timeOf(other) ?? before);
    }
    if (before === Number.POSITIVE_INFINITY && upTo === Number.POSITIVE_INFINITY) return records.length;
    let end = head.place;
    for (; end < records.length; end++) {
      const at = records[end]?.at ?? 0;
      if (at >= before || at > upTo) break;
    }
    return end;
  }
}

async function lookAt(path: string, others: readonly Waiting[], options: InputOptions): Promise<Waiting> {
  if (path === '-' && others.some(({ name }) => name === '-'))
    throw new ExitError(EXIT.usage, ['-: standard input can be read only once']);
  const input = await openInput(path, options);
  const { name, size, date, identity } = input;
  const canBeOpenedAgain = identity !== undefined;
  if (canBeOpenedAgain) await input.close();
  const same = others.find((other) => canBeOpenedAgain && other.identity === identity);
  if (same !== undefined)
    throw new ExitError(EXIT.usage, [`${path} is the same file as ${same.name}: it would count twice`]);
  const from = input.firstTime ?? Number.NEGATIVE_INFINITY;
  return { name, size, from, date, identity, input: canBeOpenedAgain ? undefined : input };
}

/** When the next record of an open input was written; undefined where its records have all been taken. */
function timeOf(head: Head): number | undefined {
  return head.records[head.place]?.at;
}

/** Also of infinities, which have no difference. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
