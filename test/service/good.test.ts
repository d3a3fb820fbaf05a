// What clients do well reaches the judgement: a share spares them, over restarts and reloads of the daemon.

import { expect } from 'chai';
import { endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { caughtUp, rejectedRecipient, stamp, times } from './mail.ts';

const GOOD = '192.0.2.1';
const BAD = '192.0.2.2';
const SHARED = SMALL_RULES.replace(
  'limit: 3, within: 1h, block-for: 48h,',
  'limit: 3, within: 1h, share: 30%, block-for: 48h,',
);

let messages = 0;

/** A message that smtpd begins to receive, and the line of qmgr that takes it up. */
function message(ip: string, recipients: number, at = Date.now()): readonly [begun: string, queued: string] {
  const id = (0x5c1e2a000 + messages++).toString(16).toUpperCase();
  const queued = `from=<shop@example.org>, size=900, nrcpt=${recipients} (queue active)`;
  return [
    `${stamp(at)} mx1 postfix/smtpd[2101]: ${id}: client=unknown[${ip}]`,
    `${stamp(at)} mx1 postfix/qmgr[55]: ${id}: ${queued}`,
  ];
}

async function isBlocked(daemon: TestDaemon, ip: string): Promise<boolean> {
  await caughtUp(daemon);
  return (await daemon.verdict(ip)) !== 'action=DUNNO';
}

describe('service: a client whose mail is accepted', () => {
  afterEach(endDaemons);

  it('is spared by a share, and a client that is only refused is not', async () => {
    const daemon = await new TestDaemon({ rules: SHARED }).start();
    daemon.append(...message(GOOD, 10), ...times(3, () => rejectedRecipient(GOOD)));
    daemon.append(...message(BAD, 10).slice(0, 1), ...times(3, () => rejectedRecipient(BAD)));
    await daemon.said(new RegExp(` spared ip=${GOOD} `));
    expect(await isBlocked(daemon, BAD)).to.equal(true);
    expect(await isBlocked(daemon, GOOD)).to.equal(false);
  });

  it('is spared also where the daemon stopped before qmgr took up the mail', async () => {
    const daemon = await new TestDaemon({ rules: SHARED }).start();
    const [begun, queued] = message(GOOD, 10);
    daemon.append(begun);
    await caughtUp(daemon);
    await daemon.stop();
    daemon.append(queued, ...times(3, () => rejectedRecipient(GOOD)));
    await daemon.start();
    await daemon.said(new RegExp(` spared ip=${GOOD} `));
    expect(await isBlocked(daemon, GOOD)).to.equal(false);
  });

  it('is spared from the reload on that adds a share, and blocked as before without one', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...message(BAD, 10), ...times(3, () => rejectedRecipient(BAD)));
    expect(await isBlocked(daemon, BAD)).to.equal(true);
    daemon.writePolicy(SHARED);
    expect(await daemon.reload()).to.equal('taken');
    daemon.append(...message(GOOD, 10), ...times(3, () => rejectedRecipient(GOOD)));
    await daemon.said(new RegExp(` spared ip=${GOOD} `));
    expect(await isBlocked(daemon, GOOD)).to.equal(false);
  });
});
