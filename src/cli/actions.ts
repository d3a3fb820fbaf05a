// The commands that change something by hand: what each requests of the daemon, and what it prints.

import { createInterface } from 'node:readline/promises';
import { loadStateDirectory } from '../config/load.ts';
import type { DoneAnswer, ListAnswer } from '../desk/answers.ts';
import { EXIT, ExitError } from '../exit.ts';
import { ask } from './client.ts';
import { jsonLine } from './json.ts';
import type { Call } from './reference/table.ts';
import { requestOf } from './request.ts';
import { checkRule } from './rule-name.ts';
import { doneText } from './text/list-text.ts';
import { NoDaemon, Unanswered } from './unanswered.ts';

/** Requests the change that the call is. */
export async function change(
  call: Call<'block'> | Call<'allow'> | Call<'disallow'> | Call<'resume'>,
): Promise<void> {
  const state = await loadStateDirectory(call.policy);
  print(call.values, [await ask<DoneAnswer>(state, requestOf(call))]);
}

/** A request for each IP. One that is refused does not stop the others; without an answer, the rest is not tried. */
export async function unblock(call: Call<'unblock'>): Promise<void> {
  const state = await loadStateDirectory(call.policy);
  const ips = call.values.all ? await allOfRule(state, call) : call.operands;
  const answers: DoneAnswer[] = [];
  const errors: ExitError[] = [];
  for (const [index, ip] of ips.entries()) {
    await ask<DoneAnswer>(state, requestOf(call, ip)).then(
      (answer) => answers.push(answer),
      (error) => errors.push(asExit(error)),
    );
    const error = errors.at(-1);
    if (!(error instanceof Unanswered)) continue;
    if (index + 1 < ips.length) errors.push(notTried(ip, ips.length - index - 1));
    break;
  }
  print(call.values, answers);
  const [first] = errors;
  if (first === undefined) return;
  const lines = errors.flatMap((error) => error.lines);
  const isDown = errors.some((error) => error instanceof NoDaemon);
  throw new (isDown ? NoDaemon : ExitError)(first.status, lines);
}

/** The clients that the rule of --rule blocks, after a confirmation. */
async function allOfRule(state: string, { policy, values }: Call<'unblock'>): Promise<readonly string[]> {
  const { blocks } = await ask<ListAnswer>(state, { command: 'list' });
  await checkRule({ policy, values }, blocks);
  const ips = blocks.filter(({ rule }) => rule === values.rule).map(({ ip }) => ip.split('/', 1)[0] ?? ip);
  if (ips.length === 0) throw new ExitError(EXIT.nothing, [`no IP is blocked by ${values.rule}`]);
  if (values.yes) return ips;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Unblock ${ips.length} IPs that ${values.rule} blocks? [y/N] `);
  terminal.close();
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new ExitError(EXIT.nothing, ['nothing was unblocked']);
  return ips;
}

function print({ json }: { readonly json: boolean }, answers: readonly DoneAnswer[]): void {
  for (const answer of answers) process.stdout.write(json ? jsonLine(answer) : doneText(answer));
}

function notTried(ip: string, others: number): ExitError {
  const were = others === 1 ? '1 other IP was' : `${others} other IPs were`;
  return new ExitError(EXIT.unavailable, [`stopped at ${ip}; ${were} not tried`]);
}

function asExit(error: unknown): ExitError {
  if (error instanceof ExitError) return error;
  throw error;
}
