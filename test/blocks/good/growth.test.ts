// How much the arrays of clients grow, with and without clients that are expected.

import { expect } from 'chai';
import { Growth } from '../../../src/blocks/good/growth.ts';

const ARRAYS = 64;
const CLIENTS = 200_000;

/** Adds clients to arrays at random. @returns how often an array was copied, and its places for each of its clients */
function filled(expected: number): { copies: number; places: number } {
  let size = 0;
  let seed = 1;
  const growth = new Growth(() => size);
  growth.expect(expected);
  const clients = new Array<number>(ARRAYS).fill(0);
  const places = new Array<number>(ARRAYS).fill(4);
  let copies = 0;
  for (; size < CLIENTS; size++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const array = (seed >>> 16) % ARRAYS;
    if (clients[array] === places[array]) {
      places[array] = growth.placesFor(clients[array] ?? 0);
      copies++;
    }
    clients[array] = (clients[array] ?? 0) + 1;
    growth.added();
  }
  return { copies: copies / ARRAYS, places: places.reduce((sum, n) => sum + n, 0) / CLIENTS };
}

describe('blocks/good/growth', () => {
  it('copies arrays seldom where it knows how many clients come, and leaves little free', () => {
    const { copies, places } = filled(CLIENTS);
    expect(copies).to.be.below(8);
    expect(places).to.be.below(1.1);
  });

  it('leaves a quarter free at most where it does not know', () => {
    const { copies, places } = filled(0);
    expect(copies).to.be.below(40);
    expect(places).to.be.below(1.26);
  });

  it('is not misled for long by a number that is wrong', () => {
    expect(filled(CLIENTS * 1000).places).to.be.below(10);
    expect(filled(CLIENTS / 1000).places).to.be.below(1.26);
    expect(filled(-1).places).to.be.below(1.26);
  });
});
