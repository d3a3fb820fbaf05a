// The commands that change something by hand: what each requests of the daemon, and what it prints.

import { loadStateDirectory } from '../config/load.ts';
import type { DoneAnswer, ListAnswer } from '../desk/answers.ts';
import { EXIT, ExitError } from '../exit.ts';
import { terminal } from '../terminal/text.ts';
import { parseNetwork } from '../values/network.ts';
import { pastedAddress } from '../values/pasted-address.ts';
import { ask } from './client.ts';
import { confirm } from './confirmation.ts';
import { jsonLine } from './json.ts';
import type { Call } from './reference/table.ts';
import { requestOf } from './request.ts';
import { checkRule } from './rule-name.ts';
import { doneText } from './text/done-text.ts';
import { NoDaemon, Unanswered } from './unanswered.ts';

/** Prefix lengths from which a network may be that of one customer or provider. */
const WIDEST = { 4: 8, 6: 19 } as const;

/** Requests the change that the call is. */
export async function change(
  call: Call<'block'> | Call<'allow'> | Call<'disallow'> | Call<'resume'>,
): Promise<void> {
  const state = await loadStateDirectory(call.policy);
  print(call.values, [await ask<DoneAnswer>(state, requestOf(call))]);
}

/** Asks before a network that is larger than any customer's is taken out of all rules. */
export async function allow(call: Call<'allow'>): Promise<void> {
  const { values, operands } = call;
  const [network = ''] = operands;
  const { family, bits } = parseNetwork(pastedAddress(network)) ?? { family: 4, bits: 32 };
  if (!values.yes && bits < WIDEST[family])
    await confirm(`${network}: allow all of it, so that none of it is blocked?`, 'nothing was allowed');
  await change(call);
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
  if (errors.length === 1) throw first;
  throw new (isDown ? NoDaemon : ExitError)(first.status, lines);
}

/** The clients that the rule of --rule blocks, after a confirmation. */
async function allOfRule(state: string, { policy, values }: Call<'unblock'>): Promise<readonly string[]> {
  const { blocks } = await ask<ListAnswer>(state, { command: 'list' });
  await checkRule({ policy, values }, blocks);
  const ips = blocks.filter(({ rule }) => rule === values.rule).map(({ ip }) => ip.split('/', 1)[0] ?? ip);
  if (ips.length === 0) throw new ExitError(EXIT.nothing, [`no IP is blocked by ${values.rule}`]);
  if (values.yes) return ips;
  await confirm(`Unblock ${ips.length} IPs that ${values.rule} blocks?`, 'nothing was unblocked');
  return ips;
}

function print({ json }: { readonly json: boolean }, answers: readonly DoneAnswer[]): void {
  const options = terminal(Date.now());
  for (const answer of answers) process.stdout.write(json ? jsonLine(answer) : doneText(answer, options));
}

function notTried(ip: string, others: number): ExitError {
  const were = others === 1 ? '1 other IP was' : `${others} other IPs were`;
  return new ExitError(EXIT.unavailable, [`stopped at ${ip}; ${were} not tried`]);
}

function asExit(error: unknown): ExitError {
  if (error instanceof ExitError) return error;
  throw error;
}
