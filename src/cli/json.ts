// A line of --json: an answer with its version.

import { ANSWER_VERSION } from '../desk/answers.ts';

export function jsonLine(answer: object): string {
  return `${JSON.stringify({ version: ANSWER_VERSION, ...answer })}\n`;
}
