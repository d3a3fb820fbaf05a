// The paths of the control socket: the daemon opens none where a command would not look, or would look for another daemon.

import { expect } from 'chai';
import { controlPaths, ownControlPaths } from '../../src/desk/control-paths.ts';

const UNIT = ['/var/lib/postblock/control.sock', '/run/postblock/control.sock'];

describe('desk/control-paths', () => {
  for (const [state, paths] of [
    ['/var/lib/postblock', UNIT],
    ['/var/lib/mx2', ['/var/lib/mx2/control.sock', '/run/mx2/control.sock']],
    ['/home/alice/postblock/state', ['/home/alice/postblock/state/control.sock']],
    ['/srv/postblock', ['/srv/postblock/control.sock']],
    ['/var/lib/mail/postblock', ['/var/lib/mail/postblock/control.sock']],
  ] as const)
    it(`are looked for, with the state directory ${state}, at ${paths.length}`, () => {
      expect(controlPaths(state)).to.deep.equal(paths);
    });

  for (const [what, state, runtime, paths] of [
    ['that systemd gave', '/var/lib/postblock', '/run/postblock', UNIT],
    ['among several', '/var/lib/postblock', '/run/other:/run/postblock', UNIT],
    ['of another name', '/var/lib/postblock', '/run/other', UNIT.slice(0, 1)],
    ['that nobody gave', '/var/lib/postblock', undefined, UNIT.slice(0, 1)],
    ['with the state elsewhere', '/srv/postblock', '/run/postblock', ['/srv/postblock/control.sock']],
  ] as const)
    it(`are opened, with a runtime directory ${what}, at ${paths.length}`, () => {
      expect(ownControlPaths(state, runtime)).to.deep.equal(paths);
    });
});
