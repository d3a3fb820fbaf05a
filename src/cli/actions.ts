// block, allow, disallow and resume: what each requests of the daemon, and what it prints.

import { loadStateDirectory } from '../config/load.ts';
import type { DoneAnswer } from '../desk/answers.ts';
import { terminal } from '../terminal/text.ts';
import { parseNetwork } from '../values/network.ts';
import { pastedAddress } from '../values/pasted-address.ts';
import { ask } from './client.ts';
import { confirm } from './confirmation.ts';
import { jsonLine } from './json.ts';
import type { Call } from './reference/table.ts';
import { requestOf } from './request.ts';
import { doneText } from './text/done-text.ts';

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

export function print({ json }: { readonly json: boolean }, answers: readonly DoneAnswer[]): void {
  const options = terminal(Date.now());
  for (const answer of answers) process.stdout.write(json ? jsonLine(answer) : doneText(answer, options));
}
