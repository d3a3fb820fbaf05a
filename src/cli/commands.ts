// The support commands: what each asks the daemon, and what it prints.

import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { parseNetwork } from '../blocks/allow.ts';
import type { Config } from '../config/config.ts';

import {
  ANSWER_VERSION,
  type DoneAnswer,
  type ListAnswer,
  type ListedBlock,
  type ShowAnswer,
} from '../desk/answers.ts';

import type { ControlRequest } from '../desk/protocol.ts';
import { EXIT, ExitError } from '../exit.ts';
import type { StatusAnswer } from '../health/status.ts';
import { terminal } from '../terminal/text.ts';
import { parseIPv4, parseIPv6 } from '../values/address.ts';
import { parseDuration } from '../values/duration.ts';
import { ask, follow, NoDaemon, whoAsks } from './client.ts';
import { doneText, listText } from './text/list-text.ts';
import { showText } from './text/show-text.ts';
import { statusText } from './text/status-text.ts';
import { changeText } from './text/tail-text.ts';

/** Values of a command's options, by their names. */
export interface Values {
  readonly json?: boolean | undefined;
  readonly watching?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly rule?: string | undefined;
  readonly network?: string | undefined;
  readonly sort?: string | undefined;
  readonly reason?: string | undefined;
  readonly grace?: string | undefined;
  readonly for?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly sweep?: readonly string[] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly html?: string | undefined;
}

export interface Call {
  readonly config: Config;
  readonly values: Values;
  readonly operands: readonly string[];
  /** ms since 1970 */
  readonly now: number;
}

export async function list({ config, values, now }: Call): Promise<void> {
  const isWatching = values.watching ?? false;
  const answer = await live(
    ask<ListAnswer>(config.state, { command: 'list', watching: isWatching }),
    async () => (await leftovers()).listLeft(config, isWatching, now),
  );
  const blocks = sorted(
    answer.blocks.filter((block) => isListed(block, values)),
    values.sort ?? 'until',
  );
  print(values, { ...answer, blocks }, (shown) => listText(shown, terminal(now)));
}

export async function show({ config, values, operands, now }: Call): Promise<void> {
  const ip = operands[0] ?? '';
  const answer = await live(ask<ShowAnswer>(config.state, { command: 'show', ip }), async () =>
    (await leftovers()).showLeft(config, ip, now),
  );
  print(values, answer, (shown) => showText(shown, terminal(now)));
  if (answer.block === null) throw new ExitError(EXIT.nothing, []);
}

export async function status({ config, values, now }: Call): Promise<void> {
  const answer = await ask<StatusAnswer>(config.state, { command: 'status' });
  print(values, answer, (shown) => statusText(shown, terminal(now)));
  if (answer.trouble.length > 0) throw new ExitError(EXIT.nothing, []);
}

export async function unblock(call: Call): Promise<void> {
  const { config, values, operands } = call;
  const ips = values.all ? await everyone(call) : operands;
  const duration = values.grace === undefined ? {} : { duration: durationOf('--grace', values.grace) };
  const answers: DoneAnswer[] = [];
  const errors: ExitError[] = [];
  for (const ip of ips) {
    await ask<DoneAnswer>(config.state, { ...byHand('unblock', values), ...duration, ip }).then(
      (answer) => answers.push(answer),
      (error) => errors.push(asExit(error)),
    );
  }
  printDone(values, answers);
  const [first] = errors;
  if (first !== undefined)
    throw new ExitError(
      first.status,
      errors.flatMap(({ lines }) => lines),
    );
}

export async function block({ config, values, operands }: Call): Promise<void> {
  const duration = durationOf('--for', values.for ?? '');
  const request = { ...byHand('block', values), ip: operands[0] ?? '', rule: values.rule ?? '', duration };
  printDone(values, [await ask<DoneAnswer>(config.state, request)]);
}

export async function allow({ config, values, operands }: Call): Promise<void> {
  const duration = durationOf('--for', values.for ?? '');
  const request = { ...byHand('allow', values), ip: operands[0] ?? '', duration };
  printDone(values, [await ask<DoneAnswer>(config.state, request)]);
}

export async function disallow({ config, values, operands }: Call): Promise<void> {
  const request = { ...byHand('disallow', values), ip: operands[0] ?? '' };
  printDone(values, [await ask<DoneAnswer>(config.state, request)]);
}

export async function tail({ config, values }: Call): Promise<void> {
  await follow(config.state, async (change) => {
    const text = values.json ? jsonLine(inIso(change)) : changeText(change);
    // Who does not read holds up the daemon's lines, and not this process's memory.
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  });
  throw new ExitError(EXIT.unavailable, ['the daemon has ended']);
}

/** The times of a change as everywhere in --json. */
function inIso(change: unknown): object {
  const times = ['at', 'until', 'since', 'first'];
  return Object.fromEntries(
    Object.entries(change as object).map(([name, value]) => {
      return [
        name,
        times.includes(name) && typeof value === 'number' ? new Date(value).toISOString() : value,
      ];
    }),
  );
}

/** The daemon's answer, or what it left behind where none is running. */
async function live<T>(answer: Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NoDaemon) return await otherwise();
    throw error;
  }
}

/** What reads a state directory is all of the lake: it takes as long to load as the rest, and is seldom needed. */
async function leftovers(): Promise<typeof import('../desk/offline.ts')> {
  return await import('../desk/offline.ts');
}

/** The clients that --all --rule means, after a confirmation. */
async function everyone({ config, values }: Call): Promise<readonly string[]> {
  const { blocks } = await ask<ListAnswer>(config.state, { command: 'list' });
  const ips = blocks.filter(({ rule }) => rule === values.rule).map(({ ip }) => ip.split('/', 1)[0] ?? ip);
  if (ips.length === 0) throw new ExitError(EXIT.nothing, [`no IP is blocked by ${values.rule}`]);
  if (values.yes) return ips;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Unblock ${ips.length} IPs that ${values.rule} blocks? [y/N] `);
  terminal.close();
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new ExitError(EXIT.nothing, ['nothing was unblocked']);
  return ips;
}

function byHand(command: string, { reason = '' }: Values): Omit<ControlRequest, 'version'> {
  return { command, by: whoAsks(), reason };
}

function isListed({ ip, rule }: ListedBlock, { rule: wanted, network }: Values): boolean {
  return (wanted === undefined || rule === wanted) && (network === undefined || isWithin(ip, network));
}

/** Whether a client key lies in a network. */
function isWithin(key: string, text: string): boolean {
  const network = parseNetwork(text);
  if (network === undefined)
    throw new ExitError(EXIT.usage, [`${JSON.stringify(text)} is no address and no network`]);
  const [host = '', bits] = key.split('/');
  if (network.family === 4) {
    const size = 2 ** (32 - network.bits);
    const address = parseIPv4(host);
    return address >= 0 && Math.floor(address / size) === Math.floor((network.address >>> 0) / size);
  }
  const groups = parseIPv6(host);
  if (groups === undefined || Number(bits ?? 128) < network.bits) return false;
  const mask = (i: number) => (0xffff << Math.max(0, Math.min(16, (i + 1) * 16 - network.bits))) & 0xffff;
  return groups.every((group, i) => (group & mask(i)) === ((network.groups[i] ?? 0) & mask(i)));
}

const ORDER: Readonly<Record<string, (a: ListedBlock, b: ListedBlock) => number>> = {
  ip: (a, b) => a.ip.localeCompare(b.ip, 'en', { numeric: true }),
  since: (a, b) => a.since.localeCompare(b.since),
  until: (a, b) => a.until.localeCompare(b.until),
  refused: (a, b) => b.refused - a.refused,
};

function sorted(blocks: readonly ListedBlock[], by: string): readonly ListedBlock[] {
  const order = Object.hasOwn(ORDER, by) ? ORDER[by] : undefined;
  if (order === undefined)
    throw new ExitError(EXIT.usage, [`--sort takes one of ${Object.keys(ORDER).join(', ')}`]);
  return [...blocks].sort(order);
}

function durationOf(option: string, text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined && duration > 0) return duration;
  throw new ExitError(EXIT.usage, [
    `${option} takes a duration such as 1h, 2d or 90s, not ${JSON.stringify(text)}`,
  ]);
}

function jsonLine(answer: object): string {
  return `${JSON.stringify({ version: ANSWER_VERSION, ...answer })}\n`;
}

function print<T extends object>({ json }: Values, answer: T, text: (answer: T) => string): void {
  process.stdout.write(json ? jsonLine(answer) : text(answer));
}

function printDone({ json }: Values, answers: readonly DoneAnswer[]): void {
  for (const answer of answers) process.stdout.write(json ? jsonLine(answer) : doneText(answer));
}

function asExit(error: unknown): ExitError {
  if (error instanceof ExitError) return error;
  throw error;
}
