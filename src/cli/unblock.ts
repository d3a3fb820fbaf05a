// unblock: one request of the daemon for each client, those of a rule or a network after a confirmation.

import { loadStateDirectory } from '../config/load.ts';
import type { DoneAnswer, ListAnswer, ListedBlock } from '../desk/answers.ts';
import { EXIT, ExitError } from '../exit.ts';
import { counted } from '../terminal/number-text.ts';
import { isWithin, type ParsedNetwork, parseNetwork } from '../values/network.ts';
import { pastedAddress } from '../values/pasted-address.ts';
import { print } from './actions.ts';
import { ask } from './client.ts';
import { confirm } from './confirmation.ts';
import type { Call } from './reference/table.ts';
import { requestOf } from './request.ts';
import { checkRule } from './rule-name.ts';
import { NoDaemon, Unanswered } from './unanswered.ts';

/** A request for each IP. One that is refused does not stop the others; without an answer, the rest is not tried. */
export async function unblock(call: Call<'unblock'>): Promise<void> {
  const state = await loadStateDirectory(call.policy);
  const answers: DoneAnswer[] = [];
  const errors: ExitError[] = [];
  const ips = call.values.all ? await allOfRule(state, call) : await targetsOf(state, call, errors);
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
  const ips = blocks.filter(({ rule }) => rule === values.rule).map(addressOf);
  if (ips.length === 0) throw new ExitError(EXIT.nothing, [`no IP is blocked by ${values.rule}`]);
  if (values.yes) return ips;
  await confirm(`Unblock ${ips.length} IPs that ${values.rule} blocks?`, 'nothing was unblocked');
  return ips;
}

/**
 * The operands, and in the place of networks the clients in them that are blocked, after a confirmation.
 * @param errors takes what is wrong with a network
 */
async function targetsOf(
  state: string,
  { values, operands }: Call<'unblock'>,
  errors: ExitError[],
): Promise<readonly string[]> {
  const networks = new Map<string, ParsedNetwork>();
  for (const operand of operands) {
    const network = await networkOf(state, operand);
    if (network !== undefined) networks.set(operand, network);
  }
  if (networks.size === 0) return operands;
  const { blocks } = await ask<ListAnswer>(state, { command: 'list' });
  const ips = new Set(operands.filter((operand) => !networks.has(operand)));
  for (const [text, network] of networks) {
    const blocked = blocks.filter(({ ip }) => isWithin(ip, network)).map(addressOf);
    if (blocked.length === 0)
      errors.push(new ExitError(EXIT.nothing, [`no IP in ${text.trim()} is blocked`]));
    else if (!values.yes)
      await confirm(`Unblock ${counted(blocked.length, 'IP')} in ${text.trim()}?`, 'nothing was unblocked');
    for (const ip of blocked) ips.add(ip);
  }
  return [...ips];
}

/** The network that an operand is; undefined where it is one client, as the daemon counts it. */
async function networkOf(state: string, operand: string): Promise<ParsedNetwork | undefined> {
  const text = pastedAddress(operand);
  const network = parseNetwork(text);
  if (network === undefined || !text.includes('/')) return undefined;
  if (network.family === 4) return network.bits < 32 ? network : undefined;
  const shown = await ask<object>(state, { command: 'show', ip: text });
  return 'found' in shown ? network : undefined;
}

/** The first address of a client stands for it. */
function addressOf({ ip }: ListedBlock): string {
  return ip.split('/', 1)[0] ?? ip;
}

function notTried(ip: string, others: number): ExitError {
  const were = others === 1 ? '1 other IP was' : `${others} other IPs were`;
  return new ExitError(EXIT.unavailable, [`stopped at ${ip}; ${were} not tried`]);
}

function asExit(error: unknown): ExitError {
  if (error instanceof ExitError) return error;
  throw error;
}
