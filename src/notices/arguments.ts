// The arguments of a command, with values in place of {ip}, {rule} and the others.

import type { Placeholder } from '../config/fields/notice-fields.ts';
import type { NoticeEvent } from './event.ts';
import type { Notice } from './notice.ts';

/** In place of a value that the events of one notice do not share. */
const SEVERAL = 'several';
const FORM = /\{(event|ip|rule|until|total|host|text)\}/g;

/** @param command a path and arguments, as in policy.yml */
export function filledArguments(command: readonly string[], notice: Notice): readonly string[] {
  const values = valuesOf(notice);
  return command.map((word) => word.replaceAll(FORM, (_, name: Placeholder) => values[name]));
}

function valuesOf({ events, total, host, text }: Notice): Readonly<Record<Placeholder, string>> {
  const isWhole = events.length === total;
  const common = (value: (event: NoticeEvent) => string) => {
    const values = new Set(events.map(value));
    const [only = SEVERAL] = values;
    return values.size === 1 && isWhole ? only : SEVERAL;
  };
  const [title = ''] = text.split('\n', 1);
  return {
    event: common(({ event }) => event),
    ip: common((event) => (event.event === 'trouble' ? '' : event.ip)),
    rule: common((event) => (event.event === 'trouble' ? event.what : (event.rule ?? ''))),
    until: common((event) => (event.event === 'trouble' ? '' : (event.until ?? ''))),
    total: String(total),
    host,
    text: title,
  };
}
