// The first lines of an answer: the troubles of the daemon, or that no daemon answers.

import type { Origin, Trouble } from '../../health/status.ts';
import { painted, type TextOptions, unbroken, visible, wrapped } from '../../terminal/text.ts';
import { enclosedText, timeSince } from '../../terminal/time-text.ts';

export interface OriginOptions extends TextOptions {
  /** the daemon is running, but does not answer */
  readonly isSilent?: boolean;
  /** path of the policy that names the state directory */
  readonly policy?: string;
}

export function originLines({ source, at, trouble = [] }: Origin, options: OriginOptions): string[] {
  if (source === 'daemon') return troubleLines(trouble, options);
  const policy = options.policy === undefined ? '' : `; policy: ${unbroken(visible(options.policy))}`;
  const age = timeSince(at, options.now);
  const daemon = options.isSilent ? 'the daemon does not answer' : 'the daemon is not running';
  const text = `${daemon}; its snapshot is ${age} old ${unbroken(`(${enclosedText(at, options)})`)}${policy}`;
  return painted(wrapped(text, options.columns), 'yellow', options);
}

export function troubleLines(trouble: readonly Trouble[], options: TextOptions): string[] {
  return trouble.flatMap(({ what, since, reason }) => {
    const time = unbroken(`(${timeSince(since, options.now)}, since ${enclosedText(since, options)})`);
    const text = `TROUBLE: ${visible(what)} ${time}: ${visible(reason)}`;
    return painted(wrapped(text, options.columns), 'red', options);
  });
}
