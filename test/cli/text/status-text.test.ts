// The text of status, and the daemon's own trouble in front of list and show.

import { expect } from 'chai';
import { listText } from '../../../src/cli/text/list-text.ts';
import { showText } from '../../../src/cli/text/show-text.ts';
import { statusText } from '../../../src/cli/text/status-text.ts';
import type { StatusAnswer, Trouble, TroubleName } from '../../../src/health/status.ts';
import { NOW, PLAIN, shown } from '../../desk/answers.ts';
import { HOSTILE, isHarmless } from './hostile.ts';

const SILENT: Trouble = {
  what: 'log-silent',
  since: '2026-11-24T18:57:10.000Z',
  reason: 'nothing is counted: Postfix asked, and for 12m /var/log/mail.log has said nothing',
};

function status(changes: Partial<StatusAnswer> = {}): StatusAnswer {
  return {
    at: new Date(NOW).toISOString(),
    source: 'daemon',
    trouble: [],
    release: '1.0.0',
    pid: 4711,
    started: '2026-11-23T19:09:10.000Z',
    starting: false,
    log: {
      sources: ['/var/log/mail.log'],
      readTo: '2026-11-24T19:09:10.000Z',
      atEnd: true,
      heard: '2026-11-24T19:09:05.000Z',
      lines: 1000,
      understood: 900,
      events: 40,
      lost: 0,
    },
    policy: { listening: ['inet:127.0.0.1:10040'], connections: 7, dunno: 500, reject: 20, passed: 3 },
    tracked: 30,
    blocks: 2,
    forgotten: 0,
    spared: 4,
    breakerSince: null,
    snapshot: { written: '2026-11-24T19:08:10.000Z', failed: null },
    audit: { lost: 0, failed: null },
    faults: 0,
    stressUntil: null,
    loginsSpared: 0,
    policyMistakes: [],
    sharing: null,
    ...changes,
  };
}

function flat(answer: StatusAnswer): string {
  return statusText(answer, PLAIN).replace(/\s+/g, ' ');
}

describe('cli/text/status-text: status as text', () => {
  it('says in its first line that all is well', () => {
    expect(statusText(status(), PLAIN).split('\n')[0]).to.equal('postblock: all is well');
  });

  it('says in its first lines what is wrong, since when and why', () => {
    const text = flat(status({ trouble: [SILENT] }));
    expect(text).to.match(
      /^TROUBLE: log-silent \(12m, since 2026-11-24 18:57 UTC\): nothing is counted: .* has said nothing running /,
    );
    expect(text).not.to.contain('all is well');
  });

  it('shows every figure', () => {
    const text = flat(status());
    for (const part of [
      'running since 2026-11-23 19:09 UTC (1d ago), release 1.0.0, process 4711',
      'log /var/log/mail.log, read to 2026-11-24 19:09 UTC, the end',
      'read 1000 lines, 900 understood, 40 events; smtpd last 2026-11-24 19:09 UTC (5s ago)',
      'policy 500 DUNNO (3 to blocked clients that have logged in), 20 REJECT; 7 connections to inet:127.0.0.1:10040',
      'clients 30 tracked, 2 of them blocked or watched, 4 spared, 0 evicted (max-tracked reached)',
      'snapshot written 2026-11-24 19:08 UTC (1m ago)',
      'audit 0 lines lost',
      'faults 0',
    ])
      expect(text).to.contain(part);
  });

  it('says how far the reading is behind', () => {
    const { log } = status();
    const text = flat(status({ log: { ...log, readTo: '2026-11-24T17:09:10.000Z', atEnd: false } }));
    expect(text).to.contain('read to 2026-11-24 17:09 UTC, 2h behind');
  });

  it('shows what has never happened, what fails, and the end of stress', () => {
    const { log } = status();
    const text = flat(
      status({
        log: { ...log, readTo: null, heard: null },
        snapshot: { written: null, failed: 'ENOSPC: no space left' },
        audit: { lost: 3, failed: 'EROFS' },
        stressUntil: '2026-11-24T19:30:00.000Z',
      }),
    );
    for (const part of [
      'not read yet',
      'smtpd last never',
      'snapshot written never; failing: ENOSPC: no space left',
      'audit 3 lines lost; failing: EROFS',
      'stress dropped connections are not counted until 2026-11-24 19:30 UTC',
    ])
      expect(text).to.contain(part);
    expect(flat(status())).not.to.contain('stress');
  });

  it('says what is not there yet while the daemon starts', () => {
    const plain = status();
    const text = statusText(
      status({
        log: { ...plain.log, sources: [], readTo: null },
        policy: { ...plain.policy, listening: [], connections: 0 },
      }),
      PLAIN,
    );
    expect(text).to.match(/^log {7}not read yet$/m);
    expect(text.replaceAll(/\s+/g, ' ')).to.contain(' REJECT; not listening yet ');
    expect(text).not.to.match(/[, ]$/m);
  });

  it('fits the width of the terminal', () => {
    for (const line of statusText(status({ trouble: [SILENT] }), PLAIN).split('\n'))
      expect(line.length).to.be.at.most(80);
  });

  for (const [what, text] of HOSTILE) {
    it(`makes ${what} harmless`, () => {
      const hostile = status({
        trouble: [{ what: text as TroubleName, since: text, reason: text }],
        snapshot: { written: text, failed: text },
        audit: { lost: 0, failed: text },
      });
      expect(statusText(hostile, PLAIN)).to.satisfy(isHarmless);
    });
  }
});

describe('cli/text/status-text: trouble of the daemon', () => {
  it('comes before the answer of list and show', () => {
    const list = listText(
      { at: new Date(NOW).toISOString(), source: 'daemon', trouble: [SILENT], blocks: [] },
      PLAIN,
    );
    for (const text of [list, showText(shown({ trouble: [SILENT] }), PLAIN)])
      expect(text).to.match(/^TROUBLE: log-silent /);
  });

  it('is red if there is colour', () => {
    const text = statusText(status({ trouble: [SILENT] }), { ...PLAIN, isColored: true });
    expect(text.startsWith('\x1b[31mTROUBLE')).to.equal(true);
  });
});
