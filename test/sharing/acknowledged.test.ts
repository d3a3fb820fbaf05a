// What a host knows of the events that the server has counted, and repeats where they are lost.

import { expect } from 'chai';
import { Acknowledged } from '../../src/sharing/acknowledged.ts';
import type { Batch } from '../../src/sharing/shared-store.ts';

const SOURCE = '/var/log/mail.log';
const SINCE = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-02T00:00:00.000Z';

function batch(numbers: readonly number[], shard = 1, since = SINCE): Batch {
  const events = numbers.map((number) => ({ type: 'connection', key: '192.0.2.1', at: 1, number }) as const);
  return { shard, source: SOURCE, since, events, breakerOpened: undefined };
}

describe('sharing/acknowledged', () => {
  it('is the highest number that was counted, of each shard and numbering', () => {
    const acknowledged = new Acknowledged();
    expect(acknowledged.of(batch([]))).to.deep.equal({ acknowledged: 0, repeatedTo: 0 });
    expect(acknowledged.counted(batch([3, 7]), 0)).to.equal(true);
    expect(acknowledged.counted(batch([2]), 7)).to.equal(true);
    expect(acknowledged.of(batch([])).acknowledged).to.equal(7);
    expect(acknowledged.of(batch([], 2)).acknowledged).to.equal(0);
    expect(acknowledged.of(batch([], 1, LATER)).acknowledged).to.equal(0);
  });

  it('shows that the server lost something', () => {
    const acknowledged = new Acknowledged();
    acknowledged.counted(batch([7]), 0);
    expect(acknowledged.counted(batch([8]), 6)).to.equal(false);
    expect(acknowledged.of(batch([])).acknowledged).to.equal(7);
  });

  it('begins again after a loss, and all that was counted or read before is repeated', () => {
    const acknowledged = new Acknowledged();
    acknowledged.counted(batch([7], 1, LATER), 0);
    acknowledged.lose({ [SOURCE]: { since: SINCE, last: 2 } });
    expect(acknowledged.of(batch([], 1, LATER))).to.deep.equal({ acknowledged: 0, repeatedTo: 7 });
    // All events of the second record, of any shard: a host that was started again does not know what was counted.
    for (const shard of [1, 2]) {
      const { repeatedTo = 0 } = acknowledged.of(batch([], shard));
      expect(repeatedTo).to.equal(3 * 2 ** 11 - 1);
    }
    expect(acknowledged.counted(batch([7], 1, LATER), 0)).to.equal(true);
  });
});
