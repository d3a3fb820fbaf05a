// The commands that ask the daemon and change nothing: what each asks, and what it prints.

import { once } from 'node:events';
import { loadConfig, loadStateDirectory } from '../config/load.ts';
import type { ListAnswer, ShowAnswer, SparedAnswer } from '../desk/answers.ts';
import type { FindAnswer } from '../desk/find/answer.ts';
import { EXIT, ExitError } from '../exit.ts';
import type { Origin, StatusAnswer } from '../health/status.ts';
import { terminal } from '../terminal/text.ts';
import { ask, follow } from './client.ts';
import { jsonLine } from './json.ts';
import { selected, selectedSpared } from './list-selection.ts';
import type { Call } from './reference/table.ts';
import { requestOf } from './request.ts';
import { checkRule } from './rule-name.ts';
import { findText } from './text/find-text.ts';
import { listText } from './text/list-text.ts';
import { showText } from './text/show-text.ts';
import { sparedListText } from './text/spared-text.ts';
import { statusText } from './text/status-text.ts';
import { changeText } from './text/tail-text.ts';
import { NoDaemon, SilentDaemon, Unanswered } from './unanswered.ts';

export async function list(call: Call<'list'>): Promise<void> {
  const { policy, values } = call;
  if (values.spared) return await listSpared(call);
  const now = Date.now();
  const state = await loadStateDirectory(policy);
  const { answer, isSilent } = await orOffline(ask<ListAnswer>(state, requestOf(call)), async () =>
    (await offline()).listLeft(await loadConfig(policy), values.watching, now),
  );
  await checkRule(call, answer.blocks);
  const blocks = selected(answer.blocks, values);
  print(values, { ...answer, blocks }, (shown) => listText(shown, { ...terminal(now), isSilent, policy }));
}

async function listSpared(call: Call<'list'>): Promise<void> {
  const { policy, values } = call;
  const other = values.watching ? '--watching' : values.sort === 'refused' ? '--sort refused' : undefined;
  if (other !== undefined) throw new ExitError(EXIT.usage, [`--spared does not go with ${other}`]);
  const now = Date.now();
  const state = await loadStateDirectory(policy);
  const { answer, isSilent } = await orOffline(
    ask<Partial<SparedAnswer> & Origin>(state, requestOf(call)),
    async () => (await offline()).sparedLeft(await loadConfig(policy), now),
  );
  if (answer.spared === undefined)
    throw new ExitError(EXIT.unavailable, [
      'the daemon is of an earlier release, without --spared: restart it',
    ]);
  await checkRule(call, answer.spared);
  const spared = selectedSpared(answer.spared, values);
  print(values, { ...answer, spared }, (shown) =>
    sparedListText(shown, { ...terminal(now), isSilent, policy }),
  );
}

export async function show(call: Call<'show'>): Promise<void> {
  const { policy, values, operands } = call;
  const now = Date.now();
  const state = await loadStateDirectory(policy);
  const { answer, isSilent } = await orOffline(
    ask<ShowAnswer | FindAnswer>(state, requestOf(call)),
    async () => (await offline()).showLeft(await loadConfig(policy), operands[0] ?? '', now, Date.now),
  );
  const options = { ...terminal(now), isSilent, policy };
  print(values, answer, (shown) => ('found' in shown ? findText(shown, options) : showText(shown, options)));
  const isBlocked =
    'found' in answer ? answer.found.some(({ state }) => state === 'blocked') : answer.block !== null;
  if (!isBlocked) throw new ExitError(EXIT.nothing, []);
}

export async function find(call: Call<'find'>): Promise<void> {
  const { policy, values, operands } = call;
  const now = Date.now();
  const state = await loadStateDirectory(policy);
  const asked = { text: operands[0] ?? '', ...(values.limit !== undefined && { limit: values.limit }) };
  const { answer, isSilent } = await orOffline(
    ask<FindAnswer>(state, requestOf(call)).catch(explainEarlier),
    async () => (await offline()).findLeft(await loadConfig(policy), asked, now, Date.now),
  );
  print(values, answer, (shown) => findText(shown, { ...terminal(now), isSilent, policy }));
  if (answer.found.length === 0) throw new ExitError(EXIT.nothing, []);
}

/** A daemon that still runs from before an upgrade does not know the command. */
function explainEarlier(error: unknown): never {
  if (error instanceof ExitError && error.lines[0] === 'unknown command "find"')
    throw new ExitError(EXIT.unavailable, ['the daemon is of an earlier release, without find: restart it']);
  throw error;
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

interface Answered<T> {
  readonly answer: T;
  /** the answer is that of the files, because the daemon is silent */
  readonly isSilent: boolean;
}

/** The daemon's answer, or that of its files where it does not answer. */
async function orOffline<T>(answer: Promise<T>, otherwise: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { answer: await answer, isSilent: false };
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    const isSilent = error instanceof SilentDaemon;
    const failed = (failure: unknown) => {
      // The silent daemon is what needs attention, before the files that cannot stand in for it.
      if (!(failure instanceof ExitError) || failure.status === EXIT.usage) throw failure;
      if (isSilent) throw new ExitError(error.status, [...error.lines, ...failure.lines], failure);
      throw failure.status === EXIT.config ? failure : new NoDaemon(failure.status, failure.lines, failure);
    };
    return { answer: await otherwise().catch(failed), isSilent };
  }
}

/** Reading a state directory takes the whole of blocks/: as long to load as the rest, and seldom needed. */
async function offline(): Promise<typeof import('../desk/offline.ts')> {
  return await import('../desk/offline.ts');
}

function print<T extends object>(
  { json }: { readonly json: boolean },
  answer: T,
  text: (answer: T) => string,
): void {
  process.stdout.write(json ? jsonLine(answer) : text(answer));
}
