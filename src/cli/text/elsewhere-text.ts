// What other hosts have seen of a client, as `show` prints it.

import type { BehindHost, SeenByHost, ShowAnswer } from '../../desk/answers.ts';
import { counted } from '../../terminal/number-text.ts';
import { heading, painted, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { evidenceLines } from './evidence-text.ts';

/** Empty where hosts share nothing. */
export function elsewhereLines({ elsewhere }: ShowAnswer, options: TextOptions): string[] {
  if (elsewhere === undefined) return [];
  const title = heading('On other hosts', options);
  if (elsewhere === null) return [...title, '  the shared server does not answer'];
  // A daemon of an earlier release does not say who is behind.
  const { seen, missing, behind = [] } = elsewhere;
  const silent = `not answered: ${missing.map(visible).join(', ')}`;
  return [
    ...title,
    ...(seen.length === 0 ? ['  nothing was seen of it'] : seen.flatMap((one) => hostLines(one, options))),
    ...(missing.length === 0 ? [] : wrapped(silent, options.columns, '  ')),
    ...behind.flatMap((one) => painted(wrapped(behindText(one), options.columns, '  '), 'yellow', options)),
  ];
}

function behindText({ host, backlog }: BehindHost): string {
  const events = backlog === null ? 'events' : counted(backlog, 'event');
  return `the shared server has not counted ${events} of ${visible(host)} yet`;
}

function hostLines({ host, counts, refused, evidence }: SeenByHost, options: TextOptions): string[] {
  const parts = [
    ...counts.map(({ rule, count }) => `${visible(rule)} ${count}`),
    ...(refused === 0 ? [] : [`${counted(refused, 'mail')} refused`]),
  ];
  const text = parts.length === 0 ? visible(host) : `${visible(host)}: ${parts.join(', ')}`;
  return [...wrapped(text, options.columns, '  '), ...evidenceLines(evidence, options)];
}
