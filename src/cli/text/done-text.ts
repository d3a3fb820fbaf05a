// The text of actions by hand: a line for each, and a warning where the client that is unblocked goes on.

import type { Confirmation, DoneAnswer } from '../../desk/answers.ts';
import { type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { endText, type TimeOptions } from '../../terminal/time-text.ts';
import { durationText, MINUTE } from '../../values/duration.ts';

type Done = DoneAnswer['done'][number];

/** A line for each change. */
export function doneText({ at, done, hosts }: DoneAnswer, options: TextOptions): string {
  if (done.length === 0) return 'nothing to do\n';
  const isGrace = done.some(({ what }) => what === 'grace');
  const lines = done.flatMap((one) => [
    changeLine(one, options),
    ...warningLines(one, Date.parse(at), isGrace, options.columns),
  ]);
  return [...lines, ...hostLines(hosts, options.columns)].map((line) => `${line}\n`).join('');
}

/** Which other hosts hold the change. */
function hostLines(hosts: Confirmation | undefined, columns: number): readonly string[] {
  if (hosts === undefined) return [];
  return wrapped(hostsText(hosts), columns, '  ');
}

function hostsText({ sent, asked, missing }: Confirmation): string {
  if (!sent) return 'not on the other hosts yet: the shared server does not answer; they get it when it does';
  if (missing.length === 0) return asked === 0 ? 'no other host shares' : `on all ${asked + 1} hosts`;
  const names = missing.map(visible).join(', ');
  return `not confirmed by ${missing.length} of ${asked} other hosts: ${names}; they get it when they can`;
}

function changeLine({ what, ip, rule, until }: Done, options: TimeOptions): string {
  if (ip === null) return 'breaker closed: clients in good standing can be blocked again';
  const by = rule === null ? '' : ` (${visible(rule)})`;
  const end = until === null ? '' : ` until ${endText(until, options)}`;
  return wrapped(`${visible(ip)}: ${visible(what)}${by}${end}`, Number.POSITIVE_INFINITY).join('');
}

/** A client that was seen less than a minute ago has probably not stopped. */
function warningLines(one: Done, at: number, isGrace: boolean, columns: number): readonly string[] {
  const isRecent = (iso: string | null | undefined): iso is string => {
    return typeof iso === 'string' && at - Date.parse(iso) < MINUTE;
  };
  const advice = isGrace ? '' : '; if it goes on, it is blocked again, unless you give it time with --grace';
  const warning = (seen: string) => wrapped(`warning: ${seen} ago${advice}`, columns, '  ');
  const { lastAbuse, lastRefused } = one;
  if (isRecent(lastAbuse)) return warning(`its newest abuse was ${ageText(lastAbuse, at)}`);
  return isRecent(lastRefused) ? warning(`it was refused ${ageText(lastRefused, at)}`) : [];
}

function ageText(iso: string, at: number): string {
  return durationText(at - Date.parse(iso));
}
