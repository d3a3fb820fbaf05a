// The words that a shell completes: rules of the policy, and blocked IPs of a running daemon.

import { expect } from 'chai';
import { completionWords } from '../../src/cli/completion-words.ts';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { authFailure, caughtUp, times } from '../service/mail.ts';

describe('cli/completion-words', () => {
  afterEach(endDaemons);

  it('are the rules of the policy, and the blocked IPs with the newest first', async () => {
    const daemon = await new TestDaemon().start();
    for (const ip of ['192.0.2.1', '2001:db8:1:2::7']) {
      daemon.append(...times(3, () => authFailure(ip)));
      await caughtUp(daemon);
    }
    expect(await completionWords('rules', daemon.policy)).to.include('auth-failures');
    const blocked = await completionWords('blocked', daemon.policy);
    expect(blocked.filter((ip) => !ip.startsWith('203.0.113.'))).to.have.members([
      '2001:db8:1:2::/64',
      '192.0.2.1',
    ]);
    await daemon.stop();
    expect(await completionWords('blocked', daemon.policy)).to.deep.equal([]);
  });

  it('are none where the policy is missing', async () => {
    expect(await completionWords('rules', '/missing/policy.yml')).to.deep.equal([]);
    expect(await completionWords('blocked', '/missing/policy.yml')).to.deep.equal([]);
  });
});
