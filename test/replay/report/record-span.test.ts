// Which records of a log a replay counts.

import { expect } from 'chai';
import { RecordSpan } from '../../../src/replay/report/record-span.ts';

describe('replay/report/record-span', () => {
  it('has no times where there is no record', () => {
    const none = { records: 0, from: null, to: null, leftOut: 0, first: null, last: null };
    expect(new RecordSpan(0, 10).report).to.deep.equal(none);
  });

  it('counts records from since on and before until, and leaves out the others', () => {
    const span = new RecordSpan(1000, 3000);
    expect([999, 1000, 2999, 3000, 2000].map((at) => span.take(at))).to.deep.equal([
      false,
      true,
      true,
      false,
      true,
    ]);
    expect(span.to).to.equal(2999);
    expect(span.report).to.deep.equal({
      records: 3,
      from: '1970-01-01T00:00:01.000Z',
      to: '1970-01-01T00:00:02.999Z',
      leftOut: 2,
      first: '1970-01-01T00:00:00.999Z',
      last: '1970-01-01T00:00:03.000Z',
    });
  });
});
