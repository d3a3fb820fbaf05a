// What an answer begins with: where it comes from, and what is wrong with the daemon.

import type { Origin, Trouble } from '../../health/status.ts';
import {
  held,
  painted,
  type TextOptions,
  timeSince,
  utcText,
  visible,
  wrapped,
} from '../../terminal/text.ts';

/** What an answer begins with: the daemon's own trouble, or that it does not come from the daemon. */
export function originLines({ source, at, trouble = [] }: Origin, options: TextOptions): string[] {
  if (source === 'daemon') return troubleLines(trouble, options);
  const age = timeSince(at, options.now);
  const text = `the daemon does not run; its snapshot is ${age} old ${held(`(${utcText(at)})`)}`;
  return painted(wrapped(text, options.columns), 'yellow', options);
}

export function troubleLines(trouble: readonly Trouble[], options: TextOptions): string[] {
  return trouble.flatMap(({ what, since, reason }) => {
    const time = held(`(${timeSince(since, options.now)}, since ${utcText(since)})`);
    const text = `TROUBLE: ${visible(what)} ${time}: ${visible(reason)}`;
    return painted(wrapped(text, options.columns), 'red', options);
  });
}
