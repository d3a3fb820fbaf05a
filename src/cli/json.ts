// Lines of --json: an answer with its version, and the error object where a command fails.

import { ANSWER_VERSION } from '../desk/answers.ts';
import { AnsweredError, EXIT, ExitError } from '../exit.ts';
import { Refused } from './unanswered.ts';

export function jsonLine(answer: object): string {
  return `${JSON.stringify({ version: ANSWER_VERSION, ...answer })}\n`;
}

/** Whether --json was typed: the arguments may be wrong, so that no command parses them. */
export function isJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

/**
 * `{"version":1,"error":{"code":…,"message":…}}` and a line end. The code is that of the daemon's refusal, or else the name
 * of the exit status. Empty where the command has printed its answer: show for an IP that is not blocked, replay that was interrupted.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof ExitError)) return jsonLine(errorOf('software', String(error)));
  if (error instanceof AnsweredError || error.lines.length === 0) return '';
  const code = error instanceof Refused ? error.code : statusName(error.status);
  return jsonLine(errorOf(code, error.lines.join('\n')));
}

function errorOf(code: string, message: string): { readonly error: object } {
  return { error: { code, message } };
}

function statusName(status: number): string {
  return Object.entries(EXIT).find(([, value]) => value === status)?.[0] ?? 'software';
}
