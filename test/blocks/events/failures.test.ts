// Failed logins by user, compared with a list of objects.

import { expect } from 'chai';
import fc from 'fast-check';
import { FORGIVEN } from '../../../src/blocks/events/codes.ts';
import {
  FAILURE,
  type Failures,
  failuresSince,
  failuresUntil,
  forgiven,
  usersWithin,
  withFailure,
  withForgiven,
} from '../../../src/blocks/events/failures.ts';
import { codeOf, stampOf, timeOf, windowOf } from '../../../src/blocks/events/window.ts';

const entry = fc.record({ at: fc.integer({ min: 1, max: 40 }), user: fc.integer({ min: 1, max: 4 }) });
const entries = fc.array(entry, { maxLength: 30 });
const moment = fc.integer({ min: 0, max: 42 });

type Entry = { readonly at: number; readonly user: number };

const listOf = (all: readonly Entry[]): Failures =>
  all.reduce<Failures>((list, { at, user }) => withFailure(list, at, user), undefined);

/** In order of time, those of one time as they came. */
function flat(all: readonly Entry[]): Failures {
  const numbers = [...all].sort((a, b) => a.at - b.at).flatMap(({ at, user }) => [at, user]);
  return numbers.length === 0 ? undefined : numbers;
}

describe('blocks/events/failures', () => {
  it('are in order of time, however they come, and cut at either end', () => {
    fc.assert(
      fc.property(entries, moment, (all, at) => {
        expect(listOf(all)).to.deep.equal(flat(all));
        expect(failuresSince(listOf(all), at)).to.deep.equal(flat(all.filter((one) => one.at >= at)));
        expect(failuresUntil(listOf(all), at)).to.deep.equal(flat(all.filter((one) => one.at <= at)));
      }),
    );
  });

  it('are counted by user between two moments', () => {
    fc.assert(
      fc.property(entries, moment, moment, (all, from, end) => {
        const counts = new Map<number, number>();
        for (const { at, user } of all)
          if (at >= from && at <= end) counts.set(user, (counts.get(user) ?? 0) + 1);
        expect(new Map([...usersWithin(listOf(all), from, end)].sort())).to.deep.equal(
          new Map([...counts].sort()),
        );
      }),
    );
  });

  it('are taken back for one user up to one moment, and as many in the window', () => {
    fc.assert(
      fc.property(entries, moment, fc.array(moment), fc.boolean(), (all, until, nameless, isCounted) => {
        const { failures, times } = forgiven(listOf(all), 2, until);
        const isTaken = ({ at, user }: Entry) => user === 2 && at <= until;
        expect(failures).to.deep.equal(flat(all.filter((one) => !isTaken(one))));
        const stamps = [...all.map(({ at }) => at), ...nameless].map((at) => stampOf(at, FAILURE));
        const window = withForgiven(windowOf(stamps), times, isCounted);
        expect(window).to.deep.equal([...window].sort((a, b) => a - b));
        const taken = window.filter((stamp) => codeOf(stamp) === FORGIVEN).map(timeOf);
        expect(taken).to.deep.equal(isCounted ? times : []);
        expect(window.length).to.equal(stamps.length - (isCounted ? 0 : times.length));
      }),
    );
  });
});
