// The text of what other hosts have seen of a client.

import { expect } from 'chai';
import { elsewhereLines } from '../../../src/cli/text/elsewhere-text.ts';
import type { ShowAnswer } from '../../../src/desk/answers.ts';

const OPTIONS = { now: Date.UTC(2026, 10, 23, 10, 20), columns: 80, isColored: false };
const SEEN = { host: 'mx2', counts: [], refused: 0, evidence: [], mails: [] };

function linesOf(elsewhere: ShowAnswer['elsewhere']): string {
  const answer = { ...(elsewhere !== undefined && { elsewhere }) } as ShowAnswer;
  return elsewhereLines(answer, OPTIONS)
    .filter((line) => line !== '')
    .join('\n');
}

describe('cli/text/elsewhere-text', () => {
  it('is empty where hosts share nothing', () => {
    expect(linesOf(undefined)).to.equal('');
  });

  it('says that the server does not answer', () => {
    expect(linesOf(null)).to.equal('On other hosts\n  the shared server does not answer');
  });

  it('says which hosts have not answered', () => {
    const text = 'On other hosts\n  nothing was seen of it\n  not answered: mx2, mx3';
    expect(linesOf({ seen: [], missing: ['mx2', 'mx3'], behind: [] })).to.equal(text);
  });

  it('has counts and refused mails of each host', () => {
    const counts = [{ rule: 'auth-failures', count: 12 }];
    expect(linesOf({ seen: [{ ...SEEN, counts, refused: 3 }], missing: [], behind: [] })).to.equal(
      'On other hosts\n  mx2: auth-failures 12, 3 mails refused',
    );
  });

  it('says of which hosts events are not counted', () => {
    const behind = [
      { host: 'mx2', backlog: 1200 },
      { host: 'mx3', backlog: null },
    ];
    expect(linesOf({ seen: [], missing: [], behind })).to.equal(
      'On other hosts\n  nothing was seen of it\n' +
        '  the shared server has not counted 1,200 events of mx2 yet\n' +
        '  the shared server has not counted events of mx3 yet',
    );
  });

  it('shows what a host wrote without its control characters', () => {
    const host = 'mx2\u001b[31m';
    expect(linesOf({ seen: [{ ...SEEN, host, refused: 1 }], missing: [], behind: [] })).not.to.contain(
      '\u001b',
    );
  });
});
