// An input whose time has not come yet: its start has been read, and a file is closed until its turn.

import { EXIT, ExitError } from '../../exit.ts';
import { type InputOptions, type LogInput, openInput } from './input.ts';

export interface WaitingInput {
  readonly name: string;
  readonly size: number | undefined;
  /** ms since 1970: when it must be opened */
  readonly from: number;
  readonly date: number;
  readonly identity: string | undefined;
  /** undefined for a file: what can be read only once stays open */
  readonly input: LogInput | undefined;
}

/**
 * Peeks at the start of each input.
 *
 * @returns the inputs in order of time
 * @throws ExitError with a line for each input that cannot be read
 */
export async function waitingInputs(
  paths: readonly string[],
  options: InputOptions,
): Promise<WaitingInput[]> {
  const waiting: WaitingInput[] = [];
  const errors: ExitError[] = [];
  for (const path of paths) {
    try {
      waiting.push(await waitingInput(path, waiting, options));
    } catch (error) {
      if (!(error instanceof ExitError)) throw error;
      errors.push(error);
    }
  }
  if (errors[0] === undefined)
    return waiting.sort((a, b) => compare(a.from, b.from) || compare(a.date, b.date));
  await Promise.all(waiting.map(({ input }) => input?.close()));
  throw new ExitError(
    errors[0].status,
    errors.flatMap(({ lines }) => lines),
  );
}

/** @throws ExitError when a file was replaced after its start was peeked at */
export async function openWaiting(
  { name, input, identity }: WaitingInput,
  options: InputOptions,
): Promise<LogInput> {
  if (input !== undefined) return input;
  const opened = await openInput(name, options);
  if (opened.identity === identity) return opened;
  await opened.close();
  throw new ExitError(EXIT.io, [
    `${name}: was replaced by another file while the replay ran, as logrotate does; run the replay again`,
  ]);
}

async function waitingInput(
  path: string,
  others: readonly WaitingInput[],
  options: InputOptions,
): Promise<WaitingInput> {
  if (path === '-' && others.some(({ name }) => name === '-'))
    throw new ExitError(EXIT.usage, ['-: standard input can be read only once']);
  const input = await openInput(path, options);
  const { name, size, date, identity } = input;
  const canBeOpenedAgain = identity !== undefined;
  if (canBeOpenedAgain) await input.close();
  const same = others.find((other) => canBeOpenedAgain && other.identity === identity);
  if (same !== undefined)
    throw new ExitError(EXIT.usage, [
      `${path}: is the same file as ${same.name}, and would count twice; name it once`,
    ]);
  const from = input.firstTime ?? Number.NEGATIVE_INFINITY;
  return { name, size, from, date, identity, input: canBeOpenedAgain ? undefined : input };
}

/** Compares infinities too, which cannot be subtracted. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
