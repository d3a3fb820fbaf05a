// The option state: of policy.yml alone, for commands: a mistake elsewhere in the file must not keep them from the daemon.

import { dirname, resolve } from 'node:path';
import { Fields, StopReading } from './fields/fields.ts';
import { readPath } from './fields/path-field.ts';
import { type Mistake, reportedMistakes } from './yaml/mistake.ts';
import { parseYaml } from './yaml/yaml-text.ts';

export type StateDirectory =
  | { readonly path: string; readonly mistakes?: undefined }
  | { readonly path?: undefined; readonly mistakes: readonly Mistake[] };

/** The option at the start of a line: no text inside another option starts there (YAML 1.2, section 6.1). */
const OPTION = /^\ufeff?(?:state|"state"|'state')[ \t]*:(?=[ \t\r\n]|$)/m;

/**
 * The state directory that the policy names, or the default where it names none.
 *
 * @param text the content of policy.yml, with or without mistakes
 * @param path its path; a relative path in it starts at its directory
 * @returns the mistakes in the option itself, if there are any
 */
export function stateDirectoryIn(text: string, path: string): StateDirectory {
  const folder = dirname(resolve(path));
  const whole = stateOf(text, folder);
  if (whole.isRead) return whole.state;
  const option = optionIn(text);
  return option === undefined ? { path: resolve(folder, 'state') } : stateOf(option, folder).state;
}

/** `isRead` is false where the text is no mapping, or has so many mistakes that it was not read. */
function stateOf(text: string, folder: string): { isRead: boolean; state: StateDirectory } {
  const yaml = parseYaml(text);
  if (yaml.document === undefined)
    return { isRead: false, state: { mistakes: reportedMistakes(yaml.mistakes) } };
  const { document, lines } = yaml;
  const fields = new Fields(document, lines);
  try {
    const options = fields.map({ key: '', node: document.contents }, 'options');
    const path = options?.optional('state', (at) => readPath(at, fields, folder), resolve(folder, 'state'));
    const wrong = fields.mistakes.filter(({ key }) => options === undefined || key === 'state');
    const state = path === undefined || wrong.length > 0 ? { mistakes: reportedMistakes(wrong) } : { path };
    return { isRead: options !== undefined, state };
  } catch (error) {
    if (!(error instanceof StopReading)) throw error;
    return { isRead: false, state: { mistakes: reportedMistakes(fields.mistakes) } };
  }
}

/** The lines of the option, below as many empty ones as lines come before it, so that a mistake keeps its line. */
function optionIn(text: string): string | undefined {
  const start = text.search(OPTION);
  if (start < 0) return undefined;
  const [first = '', ...others] = text.slice(start).split('\n');
  const end = others.findIndex((line) => !' \t\r'.includes(line.charAt(0)));
  const lines = [first, ...others.slice(0, end < 0 ? undefined : end)];
  return `${'\n'.repeat(text.slice(0, start).split('\n').length - 1)}${lines.join('\n')}\n`;
}
