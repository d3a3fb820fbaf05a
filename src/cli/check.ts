// postblock check: whether serve would run with a policy, what it would not report, and whether Postfix asks it.

import { type CheckedService, checkAnswer, checkedService } from '../check/answer.ts';
import { checkerOf } from '../check/checker.ts';
import { hostProblems } from '../check/host-problems.ts';
import { postfixHostProblems } from '../check/postfix-host-problems.ts';
import { postfixProblems } from '../check/postfix-problems.ts';
import { merged, type Problem } from '../check/problem.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { EXIT, ExitError } from '../exit.ts';
import { PostconfError } from '../wiring/postconf.ts';
import { readWiring } from '../wiring/wiring.ts';
import { usageError } from './arguments.ts';
import { ask } from './client.ts';
import { jsonLine } from './json.ts';
import type { Call } from './reference/table.ts';
import { checkText } from './text/check-text.ts';
import { NoDaemon } from './unanswered.ts';

/** ms that postconf may take */
const POSTCONF = 10_000;

export async function check({ policy, values }: Call<'check'>): Promise<void> {
  const { postfix, strict, json, config: directory } = values;
  if (directory !== undefined && !postfix) throw usageError('--config needs --postfix');
  const config = await loadConfig(policy);
  const checker = checkerOf(config);
  const isOther = checker === 'other';
  const found = [...(await hostProblems(config, { policy, isOther, isRunning: () => isRunning(config) }))];
  let services: readonly CheckedService[] | null = null;
  if (postfix) {
    const wirings = await readWiring({ timeout: POSTCONF, directory }).catch(unknownWiring);
    services = wirings.map((wiring) => checkedService(wiring, config.listen));
    found.push(...postfixProblems(wirings, config), ...(await postfixHostProblems(wirings, config)));
  }
  const problems = merged(found);
  const answer = checkAnswer(policy, problems, services);
  process.stdout.write(json ? jsonLine(answer) : checkText(answer, config, checker === 'root'));
  const status = statusOf(problems, strict);
  if (status !== EXIT.ok) throw new ExitError(status, []);
}

/** That of serve if it would not run; else 1 for what must be set right. */
function statusOf(problems: readonly Problem[], isStrict: boolean): number {
  const ends = problems.find(({ status }) => status !== undefined);
  if (ends?.status !== undefined) return ends.status;
  const fails = (weight: Problem['weight']) => weight === 'error' || (isStrict && weight === 'warning');
  return problems.some(({ weight }) => fails(weight)) ? EXIT.nothing : EXIT.ok;
}

function unknownWiring(error: unknown): never {
  if (!(error instanceof PostconfError)) throw error;
  throw new ExitError(
    EXIT.unavailable,
    [`the configuration of Postfix is not known: ${error.message}`],
    error,
  );
}

/**
 * Whether a daemon has the addresses of the policy already. One that does not answer has them too. MAINPID is set by
 * ExecReload= of systemd.
 */
async function isRunning({ state }: Config): Promise<boolean> {
  if (process.env.MAINPID !== undefined) return true;
  return await ask(state, { command: 'status' }).then(
    () => true,
    (error: unknown) => !(error instanceof NoDaemon),
  );
}
