// The lines of `tail`, for a reader at a terminal.

import { expect } from 'chai';
import { changeText } from '../../../src/cli/text/tail-text.ts';

const AT = Date.UTC(2026, 10, 23, 9, 30, 5);

describe('cli/text/tail-text', () => {
  it('says how many changes came faster than they were read, and from when to when', () => {
    expect(changeText({ type: 'missed', count: 12, since: AT - 5000, at: AT })).to.equal(
      '2026-11-23 09:30:05 missed 12 changes since 2026-11-23 09:30:00: changes came faster than they were read\n',
    );
  });

  it('names who made a change by hand, and makes the reason harmless', () => {
    const hand = { by: 'alice', why: 'call\x1b[2J' };
    expect(changeText({ type: 'grace', ip: '192.0.2.1', at: AT, until: AT + 60_000, hand })).to.equal(
      '2026-11-23 09:30:05 grace 192.0.2.1 until 2026-11-23 09:31:05 by=alice why=call\\x1b[2J\n',
    );
  });

  it('shows the figures by which a client is spared', () => {
    const figures = { bad: 120, good: 5880, share: 0.1, enforced: true };
    expect(
      changeText({ type: 'spared', ip: '192.0.2.1', rule: 'r', at: AT, reason: 'share', ...figures }),
    ).to.equal('2026-11-23 09:30:05 spared 192.0.2.1 r share bad=120 good=5880 share=0.1\n');
  });

  it('shows which client opened the breaker, and who closed it', () => {
    const open = { state: 'open', blocked: 6, standing: 212 };
    expect(changeText({ type: 'breaker', ip: '192.0.2.1', at: AT, ...open })).to.equal(
      '2026-11-23 09:30:05 breaker 192.0.2.1 state=open blocked=6 standing=212\n',
    );
    const closed = { state: 'closed', blocked: 0, standing: 212, reason: 'resumed' };
    const hand = { by: 'alice', why: 'new certificate' };
    expect(changeText({ type: 'breaker', ip: '', at: AT, ...closed, hand })).to.equal(
      '2026-11-23 09:30:05 breaker resumed state=closed blocked=0 standing=212 by=alice why=new certificate\n',
    );
  });
});
