// What other hosts have seen of a client, as `show` prints it.

import type { SeenByHost, ShowAnswer } from '../../desk/answers.ts';
import { counted } from '../../terminal/number-text.ts';
import { heading, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { evidenceLines } from './evidence-text.ts';

/** Empty where hosts share nothing. */
export function elsewhereLines({ elsewhere }: ShowAnswer, options: TextOptions): string[] {
  if (elsewhere === undefined) return [];
  const title = heading('On other hosts', options);
  if (elsewhere === null) return [...title, '  the shared server does not answer'];
  const { seen, missing } = elsewhere;
  const silent = `not answered: ${missing.map(visible).join(', ')}`;
  return [
    ...title,
    ...(seen.length === 0 ? ['  nothing was seen of it'] : seen.flatMap((one) => hostLines(one, options))),
    ...(missing.length === 0 ? [] : wrapped(silent, options.columns, '  ')),
  ];
}

function hostLines({ host, counts, refused, evidence }: SeenByHost, options: TextOptions): string[] {
  const parts = [
    ...counts.map(({ rule, count }) => `${visible(rule)} ${count}`),
    ...(refused === 0 ? [] : [`${counted(refused, 'mail')} refused`]),
  ];
  const text = parts.length === 0 ? visible(host) : `${visible(host)}: ${parts.join(', ')}`;
  return [...wrapped(text, options.columns, '  '), ...evidenceLines(evidence, options)];
}
