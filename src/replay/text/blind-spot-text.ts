// The blind spots in the text of the report: each form with its count, an example and the reason.

import { counted, grouped } from '../../terminal/number-text.ts';
import { cut, heading, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import type { Form, Report } from '../report/report.ts';

/** Lines of the terminal that one line of a log may take. */
const ROWS = 4;

export const UNREADABLE = 'Lines that cannot be read, or that name a Postfix daemon but are not its own';
export const UNCOUNTED = 'Lines that look like a rejection but are not counted';
export const NO_BLIND_SPOTS =
  'none: every line was read, and every line that looks like a rejection was counted or left out on purpose';

export function blindLines({ blindSpots, read }: Report, options: TextOptions): string[] {
  const { unreadable, uncounted, others } = blindSpots;
  const { columns } = options;
  const title = heading('Blind spots', options);
  if (unreadable.length + uncounted.length + others === 0)
    return read.records === 0 ? [] : [...title, ...wrapped(NO_BLIND_SPOTS, columns, '  ', '  ')];
  return [
    ...title,
    ...formsLines(UNCOUNTED, uncounted, options),
    ...formsLines(UNREADABLE, unreadable, options),
    ...(others === 0 ? [] : wrapped(othersWords(others), columns, '  ')),
  ];
}

export function othersWords(others: number): string {
  return `${counted(others, 'more line')} of other forms`;
}

function formsLines(title: string, forms: readonly Form[], options: TextOptions): string[] {
  if (forms.length === 0) return [];
  return [
    ...wrapped(`${title}:`, options.columns, '  '),
    ...forms.flatMap((form) => formLines(form, options)),
  ];
}

function formLines({ form, count, example, why }: Form, { columns }: TextOptions): string[] {
  const bounded = (text: string) => cut(visible(text), columns * (ROWS - 1));
  const hint = why === null ? [] : wrapped(bounded(why), columns, '      why: ', '           ');
  return [
    ...wrapped(`${grouped(count)} × ${bounded(form)}`, columns, '    ', '      '),
    ...wrapped(bounded(example), columns, '      e.g. ', '           '),
    ...hint,
  ];
}
