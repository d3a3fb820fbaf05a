// The rule that --rule names: a name that nothing and nobody knows is a typing error.

import { loadConfig } from '../config/load.ts';
import { EXIT, ExitError } from '../exit.ts';

interface Naming {
  readonly policy: string;
  readonly values: { readonly rule: string | undefined };
}

/**
 * @param listed what the daemon has: its rules may be older than policy.yml
 * @throws ExitError where neither `listed` nor policy.yml has the rule
 */
export async function checkRule(
  { policy, values: { rule } }: Naming,
  listed: readonly { readonly rule: string }[],
): Promise<void> {
  if (rule === undefined || listed.some((one) => one.rule === rule)) return;
  const names = await namesIn(policy);
  if (names === undefined || names.includes(rule)) return;
  const message = `there is no rule ${JSON.stringify(rule)}; the policy has ${names.join(', ')}`;
  throw new ExitError(EXIT.usage, [message]);
}

/** undefined where the policy has mistakes: the running daemon has another one, whose rules are not known here */
async function namesIn(policy: string): Promise<readonly string[] | undefined> {
  try {
    return (await loadConfig(policy)).rules.map(({ name }) => name);
  } catch (error) {
    if (error instanceof ExitError && error.status === EXIT.config) return undefined;
    throw error;
  }
}
