// The documentation pages for the tests: their text, their sections, and their code blocks.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const DOCS = 'contrib/docs';

export interface Page {
  /** relative to the root of the repository */
  readonly path: string;
  readonly text: string;
}

function read(path: string): Page {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** The pages for administrators and contributors. */
export const PAGES: readonly Page[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'test/bench/README.md',
  ...readdirSync(join(ROOT, DOCS)).map((name) => `${DOCS}/${name}`),
].map(read);

export const README = page('README.md');

/** The text of a page. */
export function page(path: string): string {
  return PAGES.find((each) => each.path === path)?.text ?? '';
}

/** The text of a section, without its heading. */
export function section(heading: string, text = README): string {
  const [, found] = text.split(`\n## ${heading}\n`);
  return found?.split('\n## ', 1)[0] ?? '';
}

/** Where the schema lies that a policy names for editors. @param root stands for / in an absolute path */
export function schemaPath(policy: string, root = '/'): string {
  const [, path = ''] = /^# yaml-language-server: \$schema=(.+)$/m.exec(readFileSync(policy, 'utf8')) ?? [];
  return isAbsolute(path) ? join(root, path) : join(dirname(policy), path);
}

/** The blocks of code in a text, without their indentation. */
export function blocks(text: string): string[] {
  const found = text.match(/(?:^ {4}.*\n)+/gm) ?? [];
  return found.map((block) => block.replace(/^ {4}/gm, ''));
}
