// Facts in the lines of cleanup: a rejected message, by its queue ID.

import { expect } from 'chai';
import { cleanupFact } from '../../../src/maillog/postfix/cleanup.ts';

const FROM = 'from mail.example.com[192.0.2.1]; from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x>';

function said(message: string): string | undefined {
  const fact = cleanupFact(message);
  if (fact?.type === 'uncounted') return `uncounted: ${fact.why}`;
  if (fact?.type !== 'reject') return fact?.type;
  return `${fact.by} ${fact.stage} ${fact.queueId} ${fact.client?.address ?? 'of the session'}`;
}

describe('maillog/postfix/cleanup', () => {
  it('reads rejections by content, and leaves the client to the queue ID', () => {
    const good = [
      `4F1B2A3C4D: reject: header Subject: cheap pills ${FROM}: 5.7.1 no pills here`,
      `4F1B2A3C4D: reject: header Subject: cheap pills ${FROM}: message content rejected`,
      `4F1B2A3C4D: reject: header Subject: cheap pills ${FROM}`,
      `4F1B2A3C4D: reject: body cheap pills ${FROM}: 5.7.1 no pills here`,
      `4F1B2A3C4D: reject: mime-header Content-Type: x/y; name=a.exe ${FROM}: 5.7.1 no programs`,
      `4F1B2A3C4D: reject: nested-header Subject: cheap pills ${FROM}: 5.7.1 no pills here`,
      '4F1B2A3C4D: reject: header Subject: x from a[192.0.2.1]; from=<a> proto=SMTP: 5.7.1 no HELO was given',
      `4F1B2A3C4D: reject: content cheap\\0pills ${FROM}: 5.7.1 disallowed character`,
      '4F1B2A3C4D: reject: mime-error improper use of 8-bit data in message header: Subject: ? from a[192.0.2.1]; from=<a> to=<b>',
      '4F1B2A3C4D: reject: mime-error MIME nesting exceeds safety limit: x: 4.7.1 y from a[192.0.2.1]; from=<a> to=<unknown>',
      `4F1B2A3C4D: milter-header-reject: header X-Spam-Flag: YES ${FROM}: 5.7.1 spam found`,
    ];
    for (const message of good)
      expect(said(message), message).to.equal('content END-OF-MESSAGE 4F1B2A3C4D of the session');
  });

  it('reads the milter’s rejection of a message, with the client at its fixed place', () => {
    const message = '4bPq7z1QkVz3xyZ: milter-reject: END-OF-MESSAGE from a[192.0.2.1]: 5.7.1 Spam; from=<a>';
    expect(said(message)).to.equal('milter END-OF-MESSAGE 4bPq7z1QkVz3xyZ 192.0.2.1');
  });

  it('finds no fact in warnings and other lines', () => {
    const bad: [string, string][] = [
      [`4F1B2A3C4D: warning: header Subject: x ${FROM}: seen`, 'a warning'],
      [`4F1B2A3C4D: hold: header Subject: x ${FROM}: held`, 'held'],
      [`4F1B2A3C4D: discard: body x ${FROM}: gone`, 'discarded'],
      [`4F1B2A3C4D: milter-header-add: header X-Spam: yes ${FROM}`, 'changed'],
      ['4F1B2A3C4D: message-id=<reject: header x from a[192.0.2.1]; helo=<x>: 5.7.1 x>', 'an ID'],
      ['warning: 4F1B2A3C4D: reject: header x', 'not about a message of that ID'],
      [`reject: header Subject: x ${FROM}: 5.7.1 no`, 'no queue ID'],
    ];
    for (const [message, reason] of bad) expect(said(message), `${reason}: ${message}`).to.equal(undefined);
  });

  it('treats a reason with 4.x.x as temporary', () => {
    for (const message of [
      `4F1B2A3C4D: reject: header Subject: x ${FROM}: 4.7.1 try again`,
      `4F1B2A3C4D: reject: header Subject: Re: <x>: y ${FROM}: 4.7.1 try again`,
      '4F1B2A3C4D: reject: body x from a[192.0.2.1]:40000; from=<a> proto=SMTP: 4.7.1 try again',
      '4F1B2A3C4D: reject: body x from local; from=<a> to=<b>: 4.7.1 try again',
      '4F1B2A3C4D: reject: body x from unknown;: 4.7.1 try again',
      `4F1B2A3C4D: milter-header-reject: header X-Spam-Flag: YES ${FROM}: 4.7.1 try again`,
      '4F1B2A3C4D: milter-reject: END-OF-MESSAGE from a[192.0.2.1]: 4.7.1 later; from=<a>',
    ])
      expect(said(message), message).to.equal('uncounted: temporary');
  });

  it('keeps a rejection permanent where the line is cut, or its reason quotes the header', () => {
    const rejected = 'content END-OF-MESSAGE 4F1B2A3C4D of the session';
    const fake =
      'x proto=X: 4.7.1 later from a[192.0.2.1]; from=<y> to=<z> proto=ESMTP helo=<x>: 4.7.1 later';
    const whole = `4F1B2A3C4D: reject: header Subject: ${fake} from a[192.0.2.1]; from=<${'a'.repeat(2000)}`;
    for (const length of [1000, 1024, 2000])
      expect(said(whole.slice(0, length)), `${length}`).to.equal(rejected);
    for (const reason of [
      `5.7.1 no ${fake}`,
      `5.7.1 no x>: 4.7.1 later`,
      '5.7.1 4.7.1 later',
      'no status, as before 2.3: 4.7.1 later',
    ]) {
      expect(said(`4F1B2A3C4D: reject: header Subject: x ${FROM}: ${reason}`), reason).to.equal(rejected);
      expect(said(`4F1B2A3C4D: reject: header Subject: ${fake} ${FROM}: ${reason}`), reason).to.equal(
        rejected,
      );
    }
    for (const sender of ['"x> proto=SMTP: 4.7.1 y"@z', '"x>: 4.7.1 y"@z', '"x: 4.7.1 y"@z'])
      expect(
        said(`4F1B2A3C4D: reject: body x from a[192.0.2.1]; from=<${sender}> to=<b> proto=SMTP: 5.7.1 no`),
      ).to.equal(rejected);
  });

  it('keeps a rejection permanent whatever the sender’s own text', () => {
    const texts = [
      'x from b[198.51.100.9]; from=<> to=<> proto=ESMTP helo=<x>: 4.7.1 try again',
      ' helo=<x>: 4.7.1 try again',
      ': 4.0.0 proto=SMTP: 4.0.0 x',
    ];
    for (const text of texts) {
      const message = `4F1B2A3C4D: reject: header Subject: ${text} ${FROM}: 5.7.1 no pills here`;
      expect(said(message), text).to.equal('content END-OF-MESSAGE 4F1B2A3C4D of the session');
      const withoutHelo = message.replace(` helo=<x>: 5.7.1`, ': 5.7.1');
      expect(said(withoutHelo), `no HELO: ${text}`).to.equal(
        'content END-OF-MESSAGE 4F1B2A3C4D of the session',
      );
    }
  });

  it('keeps a rejection permanent whatever the HELO name, which may contain blanks', () => {
    for (const helo of ['x proto=y: 4.7.1 z', 'x proto=SMTP helo=y: 4.7.1 z', ' proto=']) {
      const message = `4F1B2A3C4D: reject: header Subject: x ${FROM.replace('helo=<x>', `helo=<${helo}>`)}: 5.7.1 no`;
      expect(message).to.contain(helo);
      expect(said(message), helo).to.equal('content END-OF-MESSAGE 4F1B2A3C4D of the session');
    }
  });
});
