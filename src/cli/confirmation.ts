// The question before a change that is hard to undo.

import { createInterface } from 'node:readline';
import { EXIT, ExitError } from '../exit.ts';

/**
 * Asks on standard error; anything but y or yes is a no, and so is the end of standard input.
 *
 * @param refusal what was not done
 * @throws ExitError 1 for a no
 */
export async function confirm(question: string, refusal: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await new Promise<string>((resolve) => {
    terminal.once('close', () => resolve(''));
    terminal.question(`${question} [y/N] `, resolve);
  });
  terminal.close();
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new ExitError(EXIT.nothing, [refusal]);
}
