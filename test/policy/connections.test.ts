// Evicted connections: the one unanswered for longest, and the one with the most bytes.

import { expect } from 'chai';
import { type Bounded, type ConnectionLimits, Connections } from '../../src/policy/connections.ts';

class Fake implements Bounded {
  wasAnswered = false;
  bytes = 0;
  isOpen = true;

  destroy(): void {
    this.isOpen = false;
  }
}

/** `count` connections in a room for `limits`, in the order in which they came. */
function room(count: number, limits: Partial<ConnectionLimits> = {}) {
  const connections = new Connections<Fake>({ connections: 4, bytes: 100, ...limits });
  const fakes = Array.from({ length: count }, () => new Fake());
  for (const fake of fakes) connections.add(fake);
  const hold = (fake: Fake | undefined, bytes: number) => {
    if (fake === undefined) throw new Error('no such connection');
    const more = bytes - fake.bytes;
    fake.bytes = bytes;
    connections.bytesAdded(fake, more);
  };
  return { connections, fakes, hold, open: () => fakes.map(({ isOpen }) => isOpen) };
}

describe('policy/connections', () => {
  it('evicts none below the bounds', () => {
    const { connections, open } = room(4);
    expect(open()).to.deep.equal([true, true, true, true]);
    expect(connections.evicted).to.equal(0);
  });

  it('evicts the oldest that was never answered, for a new one', () => {
    const { connections, open } = room(6);
    expect(open()).to.deep.equal([false, false, true, true, true, true]);
    expect([connections.size, connections.evicted]).to.deep.equal([4, 2]);
  });

  it('keeps those that were answered since the last look, before those that were not', () => {
    const { connections, fakes, open } = room(4);
    for (const index of [0, 2]) Object.assign(fakes[index] ?? {}, { wasAnswered: true });
    connections.add(new Fake());
    connections.add(new Fake());
    expect(open()).to.deep.equal([true, false, true, false]);
  });

  it('evicts the oldest where all were answered', () => {
    const { connections, fakes, open } = room(4);
    for (const fake of fakes) fake.wasAnswered = true;
    connections.add(new Fake());
    expect(open()).to.deep.equal([false, true, true, true]);
  });

  it('evicts the one with the most bytes, when all have too many', () => {
    const { connections, fakes, hold, open } = room(4);
    hold(fakes[0], 30);
    hold(fakes[1], 40);
    hold(fakes[2], 30);
    expect(open()).to.deep.equal([true, true, true, true]);
    hold(fakes[3], 10);
    expect(open()).to.deep.equal([true, false, true, true]);
    hold(fakes[0], 0);
    hold(fakes[2], 60);
    expect(connections.evicted, 'room again').to.equal(1);
  });

  it('has room again when connections end, for their bytes too', () => {
    const { connections, fakes, hold, open } = room(4);
    hold(fakes[0], 90);
    for (const fake of fakes.slice(0, 2)) connections.remove(fake);
    hold(fakes[2], 90);
    connections.add(new Fake());
    connections.add(new Fake());
    expect(open()).to.deep.equal([true, true, true, true]);
    expect([connections.size, connections.evicted]).to.deep.equal([4, 0]);
  });
});
