// What can happen to a host, one step after another, for properties over whole histories.

import fc from 'fast-check';
import type { Rule } from '../../src/blocks/rules.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH } from './blocks-fixture.ts';
import type { Act, Line } from './history.ts';

export const RULES: readonly Rule[] = [
  { ...AUTH, blockFor: 10 * MINUTE, share: 0.5, forgive: 'login' },
  { ...AUTH, name: 'watch', limit: 2, blockFor: 4 * MINUTE, enforce: false },
  {
    ...AUTH,
    name: 'recipients',
    counts: ['rejected-recipient'],
    limit: 2,
    blockFor: 15 * MINUTE,
    share: 0.5,
  },
];

const CLIENTS = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'];
const NETWORKS = ['192.0.2.0/24', '192.0.2.2', '2001:db8::1', '2001:db8::/48'];

const length = fc.constantFrom(1, MINUTE, 5 * MINUTE, HOUR);
const client = fc.constantFrom(...CLIENTS);
const network = fc.constantFrom(...NETWORKS);

/** ms from one step to the next */
export const gap = fc.constantFrom(0, 0, 1, 500, MINUTE, 4 * MINUTE);

/** A line of the log, stamped `lag` ms before it is there. */
export const logged = fc.record({
  type: fc.constant('log' as const),
  client,
  kind: fc.constantFrom<Line['kind']>(
    'auth-failure',
    'auth-failure',
    'auth-failure',
    'rejected-recipient',
    'rejected-recipient',
    'login',
    'accepted-message',
  ),
  user: fc.constantFrom(undefined, 1, 2),
  lag: fc.constantFrom(0, 0, 0, 1, 1000, MINUTE),
});

export const read = fc.record({ type: fc.constant('read' as const), count: fc.integer({ min: 1, max: 20 }) });

export const simple = fc.record({ type: fc.constantFrom('tick' as const, 'flush', 'snapshot') });

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    what: fc.constant('unblock' as const),
    client,
    grace: fc.oneof(fc.constant(undefined), length),
  }),
  fc.record({
    what: fc.constant('block' as const),
    client,
    rule: fc.constantFrom('auth', 'recipients'),
    length,
  }),
  fc.record({ what: fc.constant('allow' as const), network, length }),
  fc.record({ what: fc.constant('disallow' as const), network }),
);

export const acted = fc.record({ type: fc.constant('act' as const), act });
