// The policy without --policy: /etc for an installed command, the current directory for a clone.

import { expect } from 'chai';
import { defaultPolicy } from '../../../src/cli/reference/default-policy.ts';

const SYSTEM = '/etc/postblock/policy.yml';
const LOCAL = 'policy.yml';

describe('cli/reference/default-policy', () => {
  for (const [program, isInstalled] of [
    ['/usr/lib/node_modules/postblock/dist/src/cli.js', true],
    ['/usr/lib/postblock/cli.js', true],
    ['/usr/local/lib/node_modules/postblock/dist/src/cli.js', true],
    ['/home/alice/.local/lib/node_modules/postblock/dist/src/cli.js', true],
    ['/home/alice/postblock/dist/src/cli.js', false],
    ['/opt/postblock/dist/src/cli.js', false],
    ['/usr/src/postblock/dist/src/cli.js', false],
    ['/usr/local/src/postblock/dist/src/cli.js', false],
  ] as const) {
    it(`of ${program} is ${isInstalled ? 'that of /etc first' : 'that of the current directory first'}`, () => {
      const of = (...existing: string[]) => defaultPolicy(program, (path) => existing.includes(path));
      expect(of(SYSTEM, LOCAL)).to.equal(isInstalled ? SYSTEM : LOCAL);
      expect(of(SYSTEM)).to.equal(SYSTEM);
      expect(of(LOCAL)).to.equal(LOCAL);
      expect(of()).to.equal(SYSTEM);
    });
  }
});
