// How many sockets the system allows, as the daemon reads it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { socketsAllowed } from '../../../src/daemon/front/fd-limit.ts';
import { temporaryFolder } from '../../harness/folder.ts';

describe('daemon/front/fd-limit', () => {
  const cases: readonly (readonly [what: string, line: string, allowed: number])[] = [
    [
      'the soft limit but for its own files',
      'Max open files            1024                 65536    files',
      896,
    ],
    ['a few sockets under any limit', 'Max open files            100                  100      files', 64],
    [
      'any number without a limit',
      'Max open files            unlimited            unlimited files',
      Infinity,
    ],
    ['any number where the system does not say', '', Infinity],
  ];
  for (const [what, line, allowed] of cases) {
    it(`allows ${what}`, () => {
      const path = join(temporaryFolder(), 'limits');
      if (line !== '') writeFileSync(path, `Limit        Soft Limit   Hard Limit   Units\n${line}\n`);
      expect(socketsAllowed(path)).to.equal(allowed);
    });
  }
});
