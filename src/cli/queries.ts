// The commands that ask the daemon and change no block: what each asks, and what it prints.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { loadConfig, loadStateDirectory } from '../config/load.ts';
import type { ReloadAnswer, ShowAnswer } from '../desk/answers.ts';
import type { FindAnswer } from '../desk/find/answer.ts';
import { EXIT, ExitError } from '../exit.ts';
import type { StatusAnswer } from '../health/status.ts';
import { terminal } from '../terminal/text.ts';
import { offline, orOffline, print } from './answered.ts';
import { ask, follow } from './client.ts';
import { jsonLine } from './json.ts';
import type { Call } from './reference/table.ts';
import { requestOf } from './request.ts';
import { findText } from './text/find-text.ts';
import { showText } from './text/show-text.ts';
import { statusText } from './text/status-text.ts';
import { changeText } from './text/tail-text.ts';

export async function show(call: Call<'show'>): Promise<void> {
  const { policy, values, operands } = call;
  const now = Date.now();
  const state = await loadStateDirectory(policy);
  const { answer, isSilent } = await orOffline(
    ask<ShowAnswer | FindAnswer>(state, requestOf(call)),
    async () => (await offline()).showLeft(await loadConfig(policy), operands[0] ?? '', now, Date.now),
  );
  const options = { ...terminal(now), isSilent, policy };
  if (values.format === 'xarf') return await printReport(call, answer);
  print(values, answer, (shown) => ('found' in shown ? findText(shown, options) : showText(shown, options)));
  const isBlocked =
    'found' in answer ? answer.found.some(({ state }) => state === 'blocked') : answer.block !== null;
  if (!isBlocked) throw new ExitError(EXIT.nothing, []);
}

async function printReport(
  { policy, values: { json } }: Call<'show'>,
  answer: ShowAnswer | FindAnswer,
): Promise<void> {
  if (json) throw new ExitError(EXIT.usage, ['--json does not go with --format']);
  if ('found' in answer)
    throw new ExitError(EXIT.usage, ['a report is about one client: name its IP, and no network of many']);
  const { block } = answer;
  if (block === null) throw new ExitError(EXIT.nothing, ['there is no block to report']);
  const { reporter } = await loadConfig(policy);
  if (reporter === undefined)
    throw new ExitError(EXIT.config, [
      `${policy}: reporter: is missing; expected it to say who signs the report`,
    ]);
  const { abuseReport } = await import('./text/abuse-report.ts');
  const report = abuseReport(block, reporter, randomUUID());
  if (report === undefined)
    throw new ExitError(EXIT.nothing, [`there is no evidence to report: ${whyNone(block)}`]);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

function whyNone({ by }: NonNullable<ShowAnswer['block']>): string {
  if (by !== null) return 'the block was made by hand';
  return 'this host has seen none of the events. "postblock show IP" names the hosts that have';
}

export async function find(call: Call<'find'>): Promise<void> {
  const { policy, values, operands } = call;
  const now = Date.now();
  const state = await loadStateDirectory(policy);
  const asked = { text: operands[0] ?? '', ...(values.limit !== undefined && { limit: values.limit }) };
  const { answer, isSilent } = await orOffline(
    ask<FindAnswer>(state, requestOf(call)).catch(explainEarlier('find')),
    async () => (await offline()).findLeft(await loadConfig(policy), asked, now, Date.now),
  );
  print(values, answer, (shown) => findText(shown, { ...terminal(now), isSilent, policy }));
  const isElsewhere = answer.elsewhere?.hosts.some(({ found }) => found.length > 0) ?? false;
  if (answer.found.length === 0 && !isElsewhere) throw new ExitError(EXIT.nothing, []);
}

/** ms: a reload asks this host for groups and networks, and may have to wait for a directory server. */
const RELOAD = 60_000;

/** Waits until the new policy runs or is refused. */
export async function reload(call: Call<'reload'>): Promise<void> {
  const state = await loadStateDirectory(call.policy);
  const { mistakes } = await ask<ReloadAnswer>(state, requestOf(call), RELOAD).catch(
    explainEarlier('reload'),
  );
  if (mistakes.length > 0) throw new ExitError(EXIT.config, mistakes);
}

/** A daemon that still runs from before an upgrade does not know the command. */
function explainEarlier(command: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ExitError) || error.lines[0] !== `unknown command "${command}"`) throw error;
    const text = `the daemon is of an earlier release, without ${command}: restart it`;
    throw new ExitError(EXIT.unavailable, [text]);
  };
}

export async function status(call: Call<'status'>): Promise<void> {
  const now = Date.now();
  const state = await loadStateDirectory(call.policy);
  const answer = await ask<StatusAnswer>(state, requestOf(call));
  print(call.values, answer, (shown) => statusText(shown, terminal(now)));
  if (answer.trouble.length > 0) throw new ExitError(EXIT.nothing, []);
}

export async function tail(call: Call<'tail'>): Promise<void> {
  const state = await loadStateDirectory(call.policy);
  const interrupted = new Promise<true>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(true));
  });
  const ended = follow(state, requestOf(call), async (change) => {
    const text = call.values.json ? jsonLine(inIso(change)) : changeText(change);
    // A reader that is slow holds up the daemon's lines, and not this process's memory.
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  });
  if (await Promise.race([interrupted, ended])) return;
  throw new ExitError(EXIT.unavailable, ['the daemon has ended']);
}

/** The times of a change as everywhere in --json. */
function inIso(change: unknown): object {
  const times = ['at', 'until', 'since', 'first'];
  return Object.fromEntries(
    Object.entries(change as object).map(([name, value]) => {
      const isTime = times.includes(name) && typeof value === 'number';
      return [name, isTime ? new Date(value).toISOString() : value];
    }),
  );
}
