// The daemon's troubles: reported at the start, once an hour, and at the end.

import { expect } from 'chai';
import { REMINDER, Troubles } from '../../src/health/troubles.ts';
import { MINUTE } from '../../src/values/duration.ts';

const START = Date.UTC(2026, 10, 23, 10);

function newTroubles(): { troubles: Troubles; reports: string[] } {
  const reports: string[] = [];
  const troubles = new Troubles((stage, { what, since, reason }) =>
    reports.push(`${stage} ${what} ${(Date.parse(since) - START) / MINUTE} ${reason}`),
  );
  return { troubles, reports };
}

describe('health/troubles', () => {
  it('are reported once at their start and once at their end, however often they are checked', () => {
    const { troubles, reports } = newTroubles();
    for (let minute = 0; minute < 50; minute++)
      troubles.set('log-silent', `for ${minute}m`, START + minute * MINUTE);
    for (let minute = 50; minute < 90; minute++)
      troubles.set('log-silent', undefined, START + minute * MINUTE);
    expect(reports).to.deep.equal(['began log-silent 0 for 0m', 'over log-silent 0 for 49m']);
  });

  it('are reported again every hour while they last, as they are then', () => {
    const { troubles, reports } = newTroubles();
    for (let minute = 0; minute <= 150; minute++) {
      const now = START + minute * MINUTE;
      troubles.set('log-silent', `for ${minute}m`, now);
      troubles.remind(now);
    }
    expect(reports).to.deep.equal([
      'began log-silent 0 for 0m',
      'lasts log-silent 0 for 60m',
      'lasts log-silent 0 for 120m',
    ]);
  });

  it('are reported once more where they last for another reason after a reload', () => {
    const { troubles, reports } = newTroubles();
    troubles.set('metrics-down', 'port 22: EACCES', START);
    troubles.set('share-down', 'no answer', START);
    troubles.renew();
    for (let minute = 1; minute < 5; minute++) {
      troubles.set('metrics-down', `port 23: EACCES, try ${minute}`, START + minute * MINUTE);
      troubles.set('share-down', 'no answer', START + minute * MINUTE);
    }
    expect(reports.slice(2)).to.deep.equal(['lasts metrics-down 0 port 23: EACCES, try 1']);
    troubles.renew();
    troubles.set('metrics-down', undefined, START + 5 * MINUTE);
    troubles.set('metrics-down', 'port 24: EACCES', START + 6 * MINUTE);
    expect(reports.slice(3)).to.deep.equal([
      'over metrics-down 0 port 23: EACCES, try 4',
      'began metrics-down 6 port 24: EACCES',
    ]);
  });

  it('that are not checked again are reported every hour all the same', () => {
    const { troubles, reports } = newTroubles();
    troubles.set('audit-failed', 'ENOSPC', START);
    for (let ms = 0; ms <= 3 * REMINDER; ms += MINUTE) troubles.remind(START + ms);
    expect(reports).to.have.length(4);
  });

  it('are listed with the time at which they began, the oldest first, and as they are now', () => {
    const { troubles } = newTroubles();
    troubles.set('log-late', 'by 1h', START);
    troubles.set('snapshot-failed', 'ENOSPC', START + MINUTE);
    troubles.set('log-late', 'by 2h', START + 2 * MINUTE);
    expect(troubles.all).to.deep.equal([
      { what: 'log-late', since: new Date(START).toISOString(), reason: 'by 2h' },
      { what: 'snapshot-failed', since: new Date(START + MINUTE).toISOString(), reason: 'ENOSPC' },
    ]);
    expect(troubles.reasonOf('snapshot-failed')).to.equal('ENOSPC');
    expect(troubles.reasonOf('audit-failed')).to.equal(null);
  });

  it('of two sources are two, and end one by one', () => {
    const { troubles, reports } = newTroubles();
    troubles.set('log-source-lost', 'a', START, '/a');
    troubles.set('log-source-lost', 'b', START, '/b');
    troubles.set('log-source-lost', undefined, START, '/a');
    expect(troubles.all.map(({ reason }) => reason)).to.deep.equal(['b']);
    expect(reports).to.have.length(3);
  });

  it('remind an hour after a clock that was set back, and not in a flood', () => {
    const { troubles, reports } = newTroubles();
    troubles.set('log-silent', 'x', START);
    for (let minute = 0; minute <= 70; minute++)
      troubles.remind(START - 365 * 24 * REMINDER + minute * MINUTE);
    expect(reports).to.deep.equal(['began log-silent 0 x', 'lasts log-silent 0 x']);
  });
});
