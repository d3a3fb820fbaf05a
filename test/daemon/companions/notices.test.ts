// Notices of the daemon: what is notified of, and who keeps what at a reload.

import { expect } from 'chai';
import type { BlockBegun } from '../../../src/blocks/changes.ts';
import { Notices } from '../../../src/daemon/companions/notices.ts';
import type { LogEvent } from '../../../src/daemon/log/log-events.ts';
import { Troubles } from '../../../src/health/troubles.ts';
import { HOUR } from '../../../src/values/duration.ts';
import { configOf } from '../../config/text.ts';

const RULES =
  'rules: {r: {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: Too many logins.}}\n';
const BLOCK: BlockBegun = {
  type: 'block',
  ip: '192.0.2.7',
  rule: 'r',
  at: 0,
  until: 3_600_000,
  count: 3,
  enforced: true,
};
const TARGET = '{command: [/nowhere], events: [block]}';

describe('daemon/companions/notices: a reload', () => {
  function made() {
    const logged: LogEvent[] = [];
    const log = { report: (event: LogEvent) => void logged.push(event) };
    const notices = new Notices({ log, health: { troubles: [], parts: { notices: () => {} } } }, () => 0);
    const adopt = (targets: string) => notices.adopt(configOf(`on-block: [${targets}]\n${RULES}`));
    const unsent = () =>
      logged.flatMap((line) => (line.event === 'notices-unsent' ? [[line.target, line.events]] : []));
    return { notices, adopt, unsent };
  }

  it('keeps what a target that stays has not sent, and reports that of one that goes', async () => {
    const { notices, adopt, unsent } = made();
    await adopt(`${TARGET}, {command: [/gone], events: [block]}`);
    notices.changed(BLOCK, undefined);
    await adopt(TARGET);
    expect(unsent()).to.deep.equal([['on-block[1] (command /gone)', 1]]);
    notices.changed(BLOCK, undefined);
    await adopt('');
    expect(unsent()).to.deep.include(['on-block[0] (command /nowhere)', 2]);
  });

  it('is no reason to notify of what another host has done', async () => {
    const { notices, adopt, unsent } = made();
    await adopt(TARGET);
    notices.changed(BLOCK, 'mx2');
    await adopt('');
    expect(unsent()).to.deep.equal([]);
  });
});

describe('daemon/companions/notices: targets that fail', () => {
  it('are tried with the news that they do, once, and are no reason to notify each other for ever', async () => {
    let now = 0;
    const stages: string[] = [];
    const failed: string[] = [];
    const troubles = new Troubles((stage, trouble) => {
      stages.push(stage);
      notices.reported({ type: 'trouble', stage, trouble });
    });
    const health = {
      troubles: [],
      parts: {
        notices: (of: string, reason: string | undefined, at: number) =>
          troubles.set('notices-failing', reason, at, of),
      },
    };
    const log = { report: ({ event }: LogEvent) => void failed.push(event) };
    const notices = new Notices({ log, health }, () => now);
    await notices.adopt(configOf(`on-block: [{command: [/nowhere]}, {command: [/nothing]}]\n${RULES}`));
    notices.changed(BLOCK, undefined);
    for (; now < 24 * HOUR; now += 10_000) {
      notices.tick(now);
      // A command that cannot be run fails at once.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(stages).to.deep.equal(['began', 'began', 'over', 'over']);
    expect(failed).to.deep.equal(['notice-failed', 'notice-failed']);
  });
});
