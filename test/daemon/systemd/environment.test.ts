// What the daemon takes of systemd's environment, and that it leaves nothing of it to its children.

import { expect } from 'chai';
import { takeEnvironment } from '../../../src/daemon/systemd/environment.ts';

const PID = 4711;

const take = (environment: NodeJS.ProcessEnv) => takeEnvironment(environment, PID);

describe('daemon/systemd/environment', () => {
  it('finds nothing where systemd did not start it', () => {
    expect(take({ PATH: '/usr/bin' })).to.deep.equal({
      notifySocket: undefined,
      watchdog: undefined,
      descriptors: [],
      stored: 0,
    });
  });

  it('removes all of it, and nothing else', () => {
    const environment = {
      PATH: '/usr/bin',
      LISTEN: 'x',
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: '20000000',
      WATCHDOG_PID: String(PID),
      LISTEN_FDS: '1',
      LISTEN_PID: String(PID),
      LISTEN_FDNAMES: 'policy',
      LISTEN_PIDFDID: '17',
      FDSTORE: '1024',
    };
    const { notifySocket, watchdog, stored } = take(environment);
    expect({ notifySocket, watchdog, stored }).to.deep.equal({
      notifySocket: '/run/systemd/notify',
      watchdog: 20_000,
      stored: 1024,
    });
    expect(environment).to.deep.equal({ PATH: '/usr/bin', LISTEN: 'x' });
  });

  for (const [usec, pid, watchdog] of [
    ['20000000', undefined, 20_000],
    ['20000000', '4711', 20_000],
    ['20000000', '4712', undefined],
    ['20000000', '', undefined],
    ['0', '4711', undefined],
    ['-5', '4711', undefined],
    ['soon', '4711', undefined],
    ['', '4711', undefined],
  ] as const)
    it(`has a watchdog of ${watchdog} ms for WATCHDOG_USEC=${usec} and WATCHDOG_PID=${pid}`, () => {
      expect(take({ WATCHDOG_USEC: usec, WATCHDOG_PID: pid }).watchdog).to.equal(watchdog);
    });

  for (const [fds, pid, names, descriptors] of [
    ['2', '4711', 'policy:connection', ['3 policy', '4 connection']],
    ['2', '4711', 'policy', ['3 policy', '4 ']],
    ['2', '4711', undefined, ['3 ', '4 ']],
    ['1', '4711', 'a:b:c', ['3 a']],
    ['4097', '4711', 'a', []],
    ['999999999', '4711', 'a', []],
    ['2', '4712', 'policy:connection', []],
    ['2', undefined, undefined, []],
    ['0', '4711', '', []],
    ['many', '4711', '', []],
    [undefined, '4711', 'policy', []],
  ] as const)
    it(`takes [${descriptors}] for LISTEN_FDS=${fds}, LISTEN_PID=${pid} and LISTEN_FDNAMES=${names}`, () => {
      const taken = take({ LISTEN_FDS: fds, LISTEN_PID: pid, LISTEN_FDNAMES: names }).descriptors;
      expect(taken.map(({ fd, name }) => `${fd} ${name}`)).to.deep.equal(descriptors);
    });
});
