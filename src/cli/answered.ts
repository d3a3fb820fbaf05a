// The answer of a query: the daemon's, or that of its files where it does not answer, as text or as JSON.

import { EXIT, ExitError } from '../exit.ts';
import { jsonLine } from './json.ts';
import { NoDaemon, SilentDaemon, Unanswered } from './unanswered.ts';

export interface Answered<T> {
  readonly answer: T;
  /** the answer is that of the files, because the daemon is silent */
  readonly isSilent: boolean;
}

/** The daemon's answer, or that of its files where it does not answer. */
export async function orOffline<T>(answer: Promise<T>, otherwise: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { answer: await answer, isSilent: false };
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    const isSilent = error instanceof SilentDaemon;
    const failed = (failure: unknown) => {
      // The silent daemon is what needs attention, before the files that cannot stand in for it.
      if (!(failure instanceof ExitError) || failure.status === EXIT.usage) throw failure;
      if (isSilent) throw new ExitError(error.status, [...error.lines, ...failure.lines], failure);
      if (failure.status !== EXIT.config) throw new NoDaemon(failure.status, failure.lines, failure);
      throw new ExitError(EXIT.config, [...error.lines.map(withoutPolicy), ...failure.lines], failure);
    };
    return { answer: await otherwise().catch(failed), isSilent };
  }
}

/** Terms such as ipv6-prefix decide what its state means, and a file with mistakes does not say them. */
function withoutPolicy(line: string): string {
  return `${line}; its state can be read without it only by a policy.yml that has no mistakes`;
}

/** Reading a state directory takes the whole of blocks/: as long to load as the rest, and seldom needed. */
export async function offline(): Promise<typeof import('../desk/offline.ts')> {
  return await import('../desk/offline.ts');
}

export function print<T extends object>(
  { json }: { readonly json: boolean },
  answer: T,
  text: (answer: T) => string,
): void {
  process.stdout.write(json ? jsonLine(answer) : text(answer));
}
