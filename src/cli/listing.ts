// list: the blocks, spared clients, graces or allow entries that are wanted, as text or as JSON.

import type { Config } from '../config/config.ts';
import { loadConfig, loadStateDirectory } from '../config/load.ts';
import type { HostsAnswer } from '../desk/answers.ts';
import { EXIT, ExitError } from '../exit.ts';
import type { Origin } from '../health/status.ts';
import { terminal } from '../terminal/text.ts';
import { offline, orOffline, print } from './answered.ts';
import { ask } from './client.ts';
import { selected, selectedByHand, selectedSpared } from './list-selection.ts';
import { TERMINAL_LIMIT } from './reference/query-commands.ts';
import type { Call } from './reference/table.ts';
import { requestOf } from './request.ts';
import { checkRule } from './rule-name.ts';
import { byHandText } from './text/by-hand-text.ts';
import { exportText } from './text/export-text.ts';
import { hostListText } from './text/host-list-text.ts';
import { listText } from './text/list-text.ts';
import { type OriginOptions, originLines } from './text/origin-text.ts';
import { sparedListText } from './text/spared-text.ts';

type ListCall = Call<'list'>;
type Values = ListCall['values'];

/** One list: its field in the answer, and what becomes of it. */
interface List<Name extends string, Item> {
  readonly field: Name;
  readonly left: (config: Config, now: number) => Promise<Origin & Readonly<Record<Name, readonly Item[]>>>;
  readonly select: (items: readonly Item[], values: Values) => readonly Item[];
  readonly text: (
    answer: Origin & Readonly<Record<Name, readonly Item[]>> & { readonly total: number },
    options: OriginOptions,
  ) => string;
}

const OTHERS = ['watching', 'spared', 'graces', 'allowed', 'hosts'] as const;

/** What has no rule. */
const WITHOUT_RULE: readonly string[] = ['graces', 'allowed', 'hosts'];

export async function list(call: ListCall): Promise<void> {
  checkValues(call.values);
  const { values } = call;
  const { watching, spared, graces, allowed, hosts } = values;
  const now = Date.now();
  if (hosts) return await listHosts(call);
  if (spared)
    await printList(call, {
      field: 'spared',
      left: async (config, now) => (await offline()).sparedLeft(config, now),
      select: selectedSpared,
      text: sparedListText,
    });
  else if (graces)
    await printList(call, {
      field: 'graces',
      left: async (config, now) => (await offline()).gracesLeft(config, now),
      select: selectedByHand,
      text: ({ graces, ...answer }, options) => byHandText('grace', { ...answer, listed: graces }, options),
    });
  else if (allowed)
    await printList(call, {
      field: 'allowed',
      left: async (config, now) => (await offline()).allowedLeft(config, now),
      select: selectedByHand,
      text: ({ allowed, ...answer }, options) =>
        byHandText('allow entry', { ...answer, listed: allowed }, options),
    });
  else
    await printList(call, {
      field: 'blocks',
      left: async (config, now) => (await offline()).listLeft(config, watching, now),
      select: selected,
      text: values.format === 'table' ? listText : ({ blocks }) => exportText(blocks, values.format, now),
    });
}

/** Only a daemon that shares knows of other hosts. */
async function listHosts(call: ListCall): Promise<void> {
  const { policy, values } = call;
  const now = Date.now();
  const answer = await ask<HostsAnswer>(await loadStateDirectory(policy), requestOf(call));
  const shown = { ...answer, total: answer.hosts.length };
  print(values, shown, (listed) => hostListText(listed, { ...terminal(now), isSilent: false, policy }));
}

function checkValues(values: Values): void {
  const [first, second] = OTHERS.filter((name) => values[name]).sort();
  const unformatted = first ?? (values.json ? 'json' : undefined);
  if (values.format !== 'table' && unformatted !== undefined) throw conflict(unformatted, 'format');
  const other = second ?? (values.sort === 'refused' && first !== 'watching' ? 'sort refused' : undefined);
  if (first !== undefined && other !== undefined) throw conflict(first, other);
  if (first !== undefined && WITHOUT_RULE.includes(first) && values.rule !== undefined)
    throw conflict(first, 'rule');
  if (first === 'hosts' && values.network !== undefined) throw conflict(first, 'network');
}

function conflict(one: string, other: string): ExitError {
  return new ExitError(EXIT.usage, [`--${one} does not go with --${other}`]);
}

async function printList<Name extends string, Item extends { readonly ip: string; readonly rule?: string }>(
  call: ListCall,
  { field, left, select, text }: List<Name, Item>,
): Promise<void> {
  const { policy, values } = call;
  const now = Date.now();
  const state = await loadStateDirectory(policy);
  const { answer, isSilent } = await orOffline(
    ask<Origin & Readonly<Record<Name, readonly Item[]>>>(state, requestOf(call)),
    async () => left(await loadConfig(policy), now),
  );
  const all: readonly Item[] | undefined = answer[field];
  if (all === undefined)
    throw new ExitError(EXIT.unavailable, [
      `the daemon is of an earlier release, without --${field}: restart it`,
    ]);
  await checkRule(
    call,
    all.map(({ rule = '' }) => ({ rule })),
  );
  // Where the output is for another program, only standard error is read by a person.
  if (values.format !== 'table' && answer.source !== 'daemon')
    console.error(originLines(answer, { ...terminal(now), isSilent, policy }).join('\n'));
  const wanted = select(all, values);
  const shown = { ...answer, total: wanted.length, [field]: wanted.slice(0, limitOf(values)) };
  print(values, shown, (listed) => text(listed, { ...terminal(now), isSilent, policy }));
}

/** A program reads everything; a person reads the first screens, and how much is left. */
function limitOf({ limit, json, format }: Values): number {
  return (
    limit ?? (json || format !== 'table' || !process.stdout.isTTY ? Number.POSITIVE_INFINITY : TERMINAL_LIMIT)
  );
}
