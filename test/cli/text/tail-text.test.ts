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

  it('says of a change by hand whose it was, and makes harmless what he wrote', () => {
    const hand = { by: 'alice', why: 'call\x1b[2J' };
    expect(changeText({ type: 'grace', ip: '192.0.2.1', at: AT, until: AT + 60_000, hand })).to.equal(
      '2026-11-23 09:30:05 grace 192.0.2.1 until 2026-11-23 09:31:05 by=alice why=call\\x1b[2J\n',
    );
  });
});
