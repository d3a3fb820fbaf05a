// Log lines about blocks and manual actions: level, event and fields of each.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Change } from '../../../src/blocks/changes.ts';
import { DaemonLog } from '../../../src/daemon/log/log.ts';
import { logChange } from '../../../src/daemon/log/log-reports.ts';
import { HOUR } from '../../../src/values/duration.ts';
import { temporaryFolder } from '../../harness/folder.ts';

const AT = Date.UTC(2026, 10, 23, 12);
const NOON = '2026-11-23T12:00:00.000Z';
const ONE = '2026-11-23T13:00:00.000Z';
const IP = '192.0.2.1';
const RULE = 'auth-failures';
const HAND = { by: 'alice', why: 'ticket 4711' };
const BY_HAND = 'by=alice why="ticket 4711"';

const LINES: readonly (readonly [what: string, change: Change, line: string])[] = [
  [
    'a block',
    { type: 'block', ip: IP, rule: RULE, at: AT, until: AT + HOUR, count: 30, first: AT - 1, enforced: true },
    `info block ip=${IP} rule=${RULE} since=${NOON} until=${ONE} count=30`,
  ],
  [
    'a block by hand',
    { type: 'block', ip: IP, rule: RULE, at: AT, until: AT + HOUR, count: 0, enforced: true, hand: HAND },
    `info block ip=${IP} rule=${RULE} since=${NOON} until=${ONE} count=0 ${BY_HAND}`,
  ],
  [
    'a block that is only watched',
    { type: 'block', ip: IP, rule: RULE, at: AT, until: AT + HOUR, count: 30, enforced: false },
    `info watched-block ip=${IP} rule=${RULE} since=${NOON} until=${ONE} count=30`,
  ],
  [
    'an end by hand',
    {
      type: 'end',
      ip: IP,
      rule: RULE,
      since: AT,
      at: AT + HOUR,
      reason: 'lifted',
      refused: 7,
      enforced: true,
      hand: HAND,
    },
    `info block-end ip=${IP} rule=${RULE} since=${NOON} at=${ONE} reason=lifted refused=7 ${BY_HAND}`,
  ],
  [
    'a grace',
    { type: 'grace', ip: IP, at: AT, until: AT + HOUR, hand: HAND },
    `info grace ip=${IP} until=${ONE} ${BY_HAND}`,
  ],
  [
    'an allow entry',
    { type: 'allow', ip: '192.0.2.0/24', at: AT, until: AT + HOUR, hand: HAND },
    `info allow ip=192.0.2.0/24 until=${ONE} ${BY_HAND}`,
  ],
  [
    'an allow entry that was taken back',
    { type: 'disallow', ip: '192.0.2.0/24', at: AT, until: AT, hand: HAND },
    `info disallow ip=192.0.2.0/24 until=${NOON} ${BY_HAND}`,
  ],
  [
    'an allow entry whose time is over',
    { type: 'disallow', ip: '192.0.2.0/24', at: AT, until: AT, hand: undefined },
    `info disallow ip=192.0.2.0/24 until=${NOON}`,
  ],
  [
    'a spared client',
    {
      type: 'spared',
      ip: IP,
      rule: RULE,
      at: AT,
      reason: 'share',
      bad: 120,
      good: 5880,
      share: 0.1,
      enforced: true,
    },
    `info spared ip=${IP} rule=${RULE} at=${NOON} reason=share bad=120 good=5880 part=0.02 share=0.1`,
  ],
  [
    'a client that a rule would spare which only watches',
    {
      type: 'spared',
      ip: IP,
      rule: RULE,
      at: AT,
      reason: 'breaker',
      bad: 3,
      good: 6,
      share: 0,
      enforced: false,
    },
    `info watched-spared ip=${IP} rule=${RULE} at=${NOON} reason=breaker bad=3 good=6 part=0.3333 share=0`,
  ],
  [
    'a mail that was refused',
    {
      type: 'refused',
      ip: IP,
      rule: RULE,
      at: AT,
      mail: { at: NOON, stage: 'RCPT', sender: 'a@example.org', recipient: 'b@example.net' },
    },
    `debug refused ip=${IP} rule=${RULE} sender=a@example.org recipient=b@example.net`,
  ],
];

describe('daemon/log/log-reports: the line for', () => {
  for (const [what, change, line] of LINES) {
    it(what, async () => {
      const file = join(temporaryFolder(), 'postblock.log');
      const log = new DaemonLog({ level: 'debug', format: 'text', file }, () => AT);
      logChange(log, change);
      await log.close();
      expect(readFileSync(file, 'utf8')).to.equal(`${NOON} ${line}\n`);
    });
  }
});
