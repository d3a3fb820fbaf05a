// The text of `list --hosts`: the hosts that share their blocks.

import type { HostsAnswer, ListedHost } from '../../desk/answers.ts';
import { counted } from '../../terminal/number-text.ts';
import { tableLines } from '../../terminal/table.ts';
import { painted, type TextOptions, visible } from '../../terminal/text.ts';
import { pastText } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import { type OriginOptions, originLines } from './origin-text.ts';

/** The hosts in the order of their names. */
export function hostListText(answer: HostsAnswer, options: OriginOptions): string {
  const hosts = [...answer.hosts].sort((a, b) => (a.host < b.host ? -1 : 1));
  const lines = [...originLines(answer, options), ...listLines(hosts, options)];
  return lines.map((line) => `${line}\n`).join('');
}

/** Empty where events go to the server as they are read. */
function backlogText({ sends, backlog }: ListedHost): string {
  if (sends === 'live' || sends === null || sends === undefined) return '';
  return backlog === null ? visible(sends) : counted(backlog, 'event');
}

function listLines(hosts: readonly ListedHost[], options: TextOptions): readonly string[] {
  const cells = (textOf: (host: ListedHost) => string) => hosts.map(textOf);
  const [titles = '', ...rows] = tableLines(
    [
      { title: 'HOST', cells: cells(({ host }) => visible(host)) },
      { title: 'RELEASE', cells: cells(({ release }) => visible(release)) },
      { title: 'RULES', cells: cells(({ rules }) => visible(rules)) },
      { title: 'LAST SEEN', cells: cells(({ seen }) => pastText(seen, options)) },
      { title: 'LOG LATE', cells: cells(({ lag }) => durationText(lag * 1000)) },
      { title: 'NOT COUNTED', cells: cells(backlogText) },
    ],
    options.columns,
  );
  const groups = new Set(hosts.map(({ rules }) => rules)).size;
  const total = `${hosts.length} host${hosts.length === 1 ? '' : 's'}`;
  const note = groups > 1 ? `; their rules differ: only hosts with the same rules count together` : '';
  return [...painted([titles], 'bold', options), ...rows, '', `${total}${note}`];
}
