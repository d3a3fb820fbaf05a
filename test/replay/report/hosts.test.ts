// The hosts of a replay: each once, and a limited number of them.

import { expect } from 'chai';
import { Hosts } from '../../../src/replay/report/hosts.ts';

describe('replay/report/hosts', () => {
  const table: readonly [promise: string, processes: readonly string[], names: readonly string[]][] = [
    ['has none in a log without host names', ['postfix/smtpd[1', 'postfix/qmgr[2'], []],
    ['has each host once', ['mx1 smtpd[1', 'mx2 smtpd[1', 'mx1 qmgr[7', 'mx1 qmgr[7'], ['mx1', 'mx2']],
    ['takes no host for one with a longer name', ['mx1 a[1', 'mx10 a[1', 'mx a[1'], ['mx1', 'mx10', 'mx']],
    ['keeps a host and an address', ['mx1 [192.0.2.1] a[1', 'mx1 a[1'], ['mx1 [192.0.2.1]', 'mx1']],
  ];
  for (const [promise, processes, names] of table) {
    it(promise, () => {
      const hosts = new Hosts();
      for (const process of processes) hosts.take(process);
      expect(hosts.names).to.deep.equal(names);
    });
  }

  it('keeps the first 20', () => {
    const hosts = new Hosts();
    for (let i = 0; i < 100; i++) hosts.take(`mx${i} postfix/smtpd[1`);
    expect(hosts.names).to.have.length(20).and.to.include('mx0').and.to.not.include('mx20');
  });
});
