// The lines of audit.jsonl: what they say, and when two of them tell of the same thing.

import { expect } from 'chai';
import fc from 'fast-check';
import { auditEntry, parseAuditLine } from '../../src/state/audit.ts';
import { HOUR } from '../../src/values/duration.ts';
import { BlocksFixture, START } from '../blocks/blocks-fixture.ts';

const { changes } = new BlocksFixture().take('192.0.2.1', [0, 0, 0]).refusal('192.0.2.1', 5).expire(HOUR);
const entries = changes.map((change, i) => auditEntry(change, i + 1, START + 2 * HOUR));

describe('state/audit: audit lines', () => {
  it('say who was blocked, by which rule, when and until when, and how many events it took', () => {
    expect(entries[0]).to.deep.equal({
      version: 1,
      sequence: 1,
      written: '2025-03-04T07:06:07.890Z',
      event: 'block',
      at: '2025-03-04T05:06:07.890Z',
      ip: '192.0.2.1',
      rule: 'auth',
      enforced: true,
      until: '2025-03-04T06:06:07.890Z',
      count: 3,
    });
  });

  it('say when and why a block ended, when it had begun, and what it refused', () => {
    expect(entries[1]).to.deep.equal({
      version: 1,
      sequence: 2,
      written: '2025-03-04T07:06:07.890Z',
      event: 'end',
      at: '2025-03-04T06:06:07.890Z',
      ip: '192.0.2.1',
      rule: 'auth',
      enforced: true,
      since: '2025-03-04T05:06:07.890Z',
      reason: 'expired',
      refused: 1,
    });
  });

  it('are read back as they were written', () => {
    for (const entry of entries) expect(parseAuditLine(JSON.stringify(entry))).to.deep.equal(entry);
  });

  it('are not what is torn or something else', () => {
    const line = JSON.stringify(entries[0]);
    for (let length = 0; length < line.length; length++)
      expect(parseAuditLine(line.slice(0, length))).to.equal(undefined);
    for (const text of ['null', '[]', '{}', '3', '{"sequence":"1"}'])
      expect(parseAuditLine(text)).to.equal(undefined);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseAuditLine(text)).to.equal(undefined);
      }),
    );
  });
});
