// The figures of a share as text.

import { expect } from 'chai';
import { shareSentence, shareText, wrappableShare } from '../../../src/cli/text/share-text.ts';
import { wrapped } from '../../../src/terminal/text.ts';

describe('cli/text/share-text', () => {
  it('names what the share is a part of', () => {
    const figures = { bad: 71, good: 3479, share: 0.1 };
    expect(shareText(figures, 'recipients')).to.equal('2 % of 3,550 recipients, share 10 %');
    expect(shareText({ ...figures, bad: 1, good: 0 }, 'logins')).to.equal('100 % of 1 user, share 10 %');
    expect(shareText(figures, null)).to.equal('2 % of 3,550, share 10 %');
  });

  const sentences: readonly [sort: string | null, words: string][] = [
    ['recipients', '71 of its 3,550 recipients were rejected'],
    ['messages', '71 of its 3,550 messages were rejected'],
    ['connections', '71 of its 3,550 connections were dropped'],
    ['logins', '71 of its 3,550 users only failed to log in'],
    [null, '71 of its 3,550 events were abuse'],
  ];
  for (const [sort, words] of sentences) {
    it(`says ${words}`, () =>
      expect(wrapped(shareSentence({ bad: 71, good: 3479, share: 0.1 }, sort), 200)).to.deep.equal([
        `${words}, 2 %; the rule blocks from 10 % on`,
      ]));
  }

  it('names the share alone where the client did nothing', () => {
    expect(shareText({ bad: 0, good: 0, share: 0.5 }, 'messages')).to.equal('share 50 %');
  });

  it('keeps a number and its % on one line', () => {
    const text = wrappableShare({ bad: 1, good: 20, share: 0.5 }, null);
    expect(wrapped(text, 22, '', '')).to.deep.equal(['4.7 % of 21, share', '50 %']);
  });
});
