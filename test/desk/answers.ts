// Answers as the support commands give them, and the parts of the text that is made of them.

import { showText } from '../../src/cli/text/show-text.ts';
import type {
  ListedBlock,
  ListedSpared,
  ShowAnswer,
  ShownBlock,
  ShownCount,
} from '../../src/desk/answers.ts';
import type { TextOptions } from '../../src/terminal/text.ts';

/** The moment at which all of these are looked at. */
export const NOW = Date.parse('2026-11-24T19:09:10.000Z');

export const PLAIN: TextOptions = { now: NOW, columns: 80, isColored: false };

export function listed(changes: Partial<ListedBlock> = {}): ListedBlock {
  return {
    ip: '192.0.2.7',
    name: null,
    rule: 'rejected-recipients',
    enforced: true,
    since: '2026-11-23T23:09:10.000Z',
    until: '2026-11-25T23:09:10.000Z',
    count: 100,
    refused: 3,
    lastRefused: '2026-11-24T19:04:05.000Z',
    by: null,
    reason: null,
    ...changes,
  };
}

export function shownBlock(changes: Partial<ShownBlock> = {}): ShownBlock {
  return {
    ...listed(),
    text: 'Your IP is sending excessive rejected recipients. Please contact support.',
    firstRefused: '2026-11-23T23:10:00.000Z',
    evidence: [],
    passes: null,
    counts: {},
    classes: {},
    mails: [],
    ...changes,
  };
}

/** A rule without a share. */
export function shownCount(changes: Partial<ShownCount> = {}): ShownCount {
  const rule = { rule: 'rejected-recipients', enforced: true, limit: 100, within: 3600, sort: 'recipients' };
  return { ...rule, count: 0, bad: 0, good: 0, share: 0, former: 0, blockFor: 172_800, ...changes };
}

export function listedSpared(changes: Partial<ListedSpared> = {}): ListedSpared {
  return {
    ip: '192.0.2.7',
    rule: 'rejected-recipients',
    enforced: true,
    reason: 'share',
    since: '2026-11-24T17:09:10.000Z',
    last: '2026-11-24T19:04:10.000Z',
    bad: 120,
    good: 5880,
    share: 0.1,
    ...changes,
  };
}

export function shown(changes: Partial<ShowAnswer> = {}): ShowAnswer {
  return {
    at: new Date(NOW).toISOString(),
    source: 'daemon',
    trouble: [],
    ip: '192.0.2.7',
    key: '192.0.2.7',
    block: null,
    watching: [],
    spared: [],
    counts: [],
    evidence: [],
    lastAbuse: null,
    graceUntil: null,
    allowed: null,
    lastGood: null,
    history: [],
    ...changes,
  };
}

/** A block with all that can be known of one. */
export const FULL: ShowAnswer = shown({
  block: shownBlock({
    evidence: [
      {
        at: '2026-11-23T23:09:08.000Z',
        kind: 'rejected-recipient',
        sender: 'shop@sender.example',
        recipient: 'anna@example.com',
        helo: 'mail.sender.example',
        reply:
          '550 5.1.1 <anna@example.com>: Recipient address rejected: User unknown in local recipient table',
        line: 'postfix/smtpd[412]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 550 5.1.1 <anna@example.com>: Recipient address rejected: User unknown in local recipient table; from=<shop@sender.example> to=<anna@example.com> proto=ESMTP helo=<mail.sender.example>',
      },
      {
        at: '2026-11-23T23:09:10.000Z',
        kind: 'rejected-recipient',
        sender: 'shop@sender.example',
        recipient: 'berta@example.com',
        reply: '554 5.7.1 <berta@example.com>: Relay access denied',
        line: 'postfix/smtpd[412]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 …',
      },
    ],
    counts: { 'rejected-recipient': 100, 'auth-failure': 3, 'dropped-connection': 0 },
    mails: [
      {
        at: '2026-11-23T23:10:00.000Z',
        stage: 'RCPT',
        sender: 'shop@sender.example',
        recipient: 'anna@example.com',
        helo: 'mail.sender.example',
        user: 'shop@sender.example',
      },
      { at: '2026-11-23T23:12:00.000Z', stage: 'CONNECT' },
      { at: '2026-11-24T19:04:05.000Z', stage: 'RCPT', sender: '', recipient: 'anna@example.com' },
    ],
  }),
  counts: [
    shownCount({ count: 57 }),
    shownCount({ rule: 'auth-failures', limit: 30, sort: 'logins' }),
    shownCount({ rule: 'connection-spam', enforced: false, count: 119, limit: 120, within: 600 }),
  ],
  history: [
    {
      event: 'block',
      at: '2026-11-20T10:00:00.000Z',
      ip: '192.0.2.7',
      rule: 'auth-failures',
      enforced: true,
      until: '2026-11-21T10:00:00.000Z',
      count: 30,
    },
    {
      event: 'end',
      at: '2026-11-20T15:00:00.000Z',
      ip: '192.0.2.7',
      rule: 'auth-failures',
      enforced: true,
      since: '2026-11-20T10:00:00.000Z',
      reason: 'lifted',
      refused: 12,
      by: 'alice',
      why: 'ticket 4711, the customer has changed the password of the scanner in the office',
    },
    {
      event: 'grace',
      at: '2026-11-20T15:00:00.000Z',
      ip: '192.0.2.7',
      until: '2026-11-20T16:00:00.000Z',
      by: 'alice',
      why: 'ticket 4711',
    },
    {
      event: 'block',
      at: '2026-11-23T23:09:10.000Z',
      ip: '192.0.2.7',
      rule: 'rejected-recipients',
      enforced: true,
      until: '2026-11-25T23:09:10.000Z',
      count: 100,
    },
  ],
});

/** A block of a rule that only watches. */
export const WATCH = shownBlock({ enforced: false, refused: 0, firstRefused: null, lastRefused: null });

/** The text of show without its line breaks. */
export function flat(answer: ShowAnswer): string {
  return showText(answer, PLAIN).replace(/\s+/g, ' ').trim();
}

/** The lines below a title, up to the empty line; without a title the first lines. */
export function below(answer: ShowAnswer, title: string): string[] {
  const parts = showText(answer, PLAIN).trimEnd().split('\n\n');
  const part = parts.find((text) => text.startsWith(title)) ?? '';
  return part.split('\n').slice(1);
}
