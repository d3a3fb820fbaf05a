// The state directory as commands find it: mistakes in the rest of policy.yml do not matter.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadStateDirectory } from '../../src/config/load.ts';
import { stateDirectoryIn } from '../../src/config/state-directory.ts';
import { mistakeText } from '../../src/config/yaml/mistake.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { PATH, RULES } from './text.ts';

const STATE = 'state: /srv/state\n';

/** The path, or the mistakes as `LINE:COL: KEY: what is wrong`. */
function found(text: string): string | string[] {
  const { path, mistakes = [] } = stateDirectoryIn(text, PATH);
  return path ?? mistakes.map((mistake) => mistakeText('policy.yml', mistake).slice('policy.yml:'.length));
}

describe('config/state-directory: finding the state directory', () => {
  const good: readonly (readonly [what: string, text: string])[] = [
    ['a policy without mistakes', `${STATE}${RULES}`],
    ['an unknown option', `${STATE}spool: x\n${RULES}`],
    ['no rules', STATE],
    ['a value that is not valid', `snapshot-every: soon\n${STATE}${RULES}`],
    ['a quote that is not closed, before it', `listen: ["inet\n${STATE}${RULES}`],
    ['a quote that is not closed, after it', `${STATE}zone: "Europe\n${RULES}`],
    ['a bracket that is not closed', `allow: [192.0.2.1\n${STATE}${RULES}`],
    ['a bracket too many', `allow: 192.0.2.1]\n${STATE}${RULES}`],
    ['a colon in a text', `${STATE}message: Call us: now\n${RULES}`],
    ['a tab in the indentation', `log:\n\tlevel: info\n${STATE}`],
    ['two documents', `${STATE}---\n${RULES}`],
    ['an alias without anchor', `${STATE}allow: *none\n`],
    ['brackets nested without end', `${STATE}allow: ${'['.repeat(5000)}\n`],
    ['more mistakes than are reported', STATE + 'x: 1\n'.repeat(500)],
    ['options in braces', '{state: /srv/state, spool: x}'],
    ['options that are indented', `  spool: x\n  ${STATE}`],
    ['a comment behind it', `listen: [\nstate: /srv/state # see hier(7)\n`],
    ['quotes', `listen: [\n"state": '/srv/state'\n`],
    ['its value on the next line', `listen: [\nstate:\n  /srv/state\nlog:\n`],
    ['an alias of another option', `log: {file: &a /srv/state}\nstate: *a\nspool: x\n`],
    ['ends of lines as in Windows', `listen: [\r\nstate: /srv/state\r\nlog:\r\n`],
    ['a byte order mark', `\ufeffstate: /srv/state\nlisten: [\n`],
  ];
  for (const [what, text] of good)
    it(`reads it from a policy with ${what}`, () => expect(found(text)).to.equal('/srv/state'));

  const bad: readonly (readonly [what: string, text: string, mistakes: RegExp])[] = [
    ['a list', `state: [x]\n${RULES}`, /^1:8: state: a list is not text; expected a path$/],
    ['empty', `spool: x\nstate:\n${RULES}`, /^2:7: state: nothing is not text; expected a path$/],
    ['set twice', `${STATE}state: /other\n`, /^2:1: state: is set twice; expected once$/],
    ['a path with NUL', 'state: "/srv\\0"\n', /^1:8: state: holds a NUL; expected a path$/],
    ['a quote that is not closed', `listen: [\nstate: "/srv\n${RULES}`, /^2:8: the " is not closed/],
  ];
  for (const [what, text, mistakes] of bad)
    it(`reports a mistake where it is ${what}`, () => {
      const [first = '', ...others] = found(text);
      expect(first).to.match(mistakes);
      expect(others).to.deep.equal([]);
    });

  const defaults = ['', '# nothing\n', RULES, '- a list\n', 'listen: [\n', 'log:\n  state: x\n  - y\n'];
  for (const text of defaults)
    it(`is state beside the policy where that does not name one: ${JSON.stringify(text.slice(0, 12))}`, () =>
      expect(found(text)).to.equal('/etc/postblock/state'));

  it('starts a relative path at the directory of the policy', () =>
    expect(found('state: here\nlisten: [\n')).to.equal('/etc/postblock/here'));

  describe('in a file that is not UTF-8', () => {
    const path = join(temporaryFolder(), 'policy.yml');
    const write = (text: string) => writeFileSync(path, Buffer.from(text, 'latin1'));

    it('reads it where it is UTF-8 itself', async () => {
      write(`# f\xfcr\n${STATE}${RULES}`);
      expect(await loadStateDirectory(path)).to.equal('/srv/state');
    });

    it('reports the line otherwise', async () => {
      write(`state: /srv/f\xfcr\n${RULES}`);
      const error = await loadStateDirectory(path).catch((thrown: unknown) => thrown);
      expect(error).to.include({ status: 78 });
      expect(error).to.have.deep.property('lines', [`${path}:1:14: is not UTF-8; expected text in UTF-8`]);
    });
  });
});
