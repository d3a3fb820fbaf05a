// Events and notices for tests.

import type { NoticeEvent } from '../../src/notices/event.ts';
import { Gathering } from '../../src/notices/gathering.ts';
import { type Notice, noticeOf } from '../../src/notices/notice.ts';

export const AT = Date.UTC(2026, 10, 24, 19, 9, 10);
const TIME = '2026-11-24T19:09:10.000Z';
const UNTIL = '2026-11-25T19:09:10.000Z';
export const ID = '0b0e3b4e-6f0e-4c0e-9a53-8d8a4e0c2f11';

export function block(ip = '192.0.2.7', rule = 'auth-failures'): NoticeEvent {
  return { event: 'block', at: TIME, ip, rule, enforced: true, until: UNTIL, count: 30 };
}

export function end(ip = '192.0.2.7'): NoticeEvent {
  return {
    event: 'end',
    at: TIME,
    ip,
    rule: 'r',
    enforced: true,
    since: TIME,
    reason: 'expired',
    refused: 3,
  };
}

export const TROUBLE: NoticeEvent = {
  event: 'trouble',
  at: TIME,
  what: 'log-silent',
  state: 'began',
  since: TIME,
  reason: 'nothing is counted',
};

export function noticeWith(...events: readonly NoticeEvent[]): Notice {
  const gathering = new Gathering();
  for (const event of events) gathering.add(event);
  return noticeOf(gathering.take(), ID, 'mx1', AT);
}
