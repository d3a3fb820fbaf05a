// The titles of suites: each begins with the file, or the feature, that the suite is about.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT } from './harness/readme.ts';

/** Folders that mirror no room of src: their suites are about the feature that the folder is named after. */
const FEATURES = ['faults', 'live', 'machine', 'postfix', 'service'];

const SUITE = /^( {2})?(?:describe|describeReal)\(\s*(['"`])((?:\\.|(?!\2)[^\\])*)\2/gm;

/** Titles of the suites that stand in no other one: at the start of a line, or in a loop over cases. */
function titlesOf(source: string): string[] {
  const outermost = [...source.matchAll(SUITE)].filter(({ 1: indent, index }) => {
    const opener = source
      .slice(0, index)
      .match(/^\w.*$/gm)
      ?.at(-1);
    return indent === undefined || !opener?.startsWith('describe');
  });
  return outermost.map(([, , , title = '']) => title);
}

function subjectOf(file: string): string {
  const [folder = ''] = file.split('/');
  return FEATURES.includes(folder) ? folder : file.replace(/\.test\.ts$/, '');
}

describe('titles', () => {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });

  for (const file of files.filter((name) => name.endsWith('.test.ts')).sort()) {
    it(`begin with what they are about: ${file}`, () => {
      const subject = subjectOf(file);
      const titles = titlesOf(readFileSync(join(ROOT, 'test', file), 'utf8'));
      expect(titles).not.to.be.empty;
      const others = titles.filter((title) => title !== subject && !title.startsWith(`${subject}: `));
      expect(others).to.deep.equal([]);
    });
  }
});
