// Exit codes for what the system refuses at the start.

import { expect } from 'chai';
import { exitStatusOf } from '../src/exit.ts';

describe('exit: the exit code for what the system refuses at the start', () => {
  for (const [code, status, why] of [
    ['EACCES', 77, 'a port or directory that is not ours to use'],
    ['EPERM', 77, 'a socket whose group may not be set'],
    ['ENOENT', 78, 'a directory or group that policy.yml names and that is not there'],
    ['EADDRINUSE', 69, 'an address in use'],
    ['EADDRNOTAVAIL', 69, 'an address that this host has not'],
    [undefined, 69, 'an error without a code'],
  ] as const) {
    it(`is ${status} for ${code ?? 'no code'}: ${why}`, () => {
      expect(exitStatusOf({ code })).to.equal(status);
    });
  }
});
