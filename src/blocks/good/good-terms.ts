// What is counted of what clients do well, and for how long it matters.

import { DAY } from '../../values/duration.ts';

/** What is counted of a client: recipients of accepted messages, accepted messages, connections, users that logged in. */
export type GoodSort = 'recipients' | 'messages' | 'connections' | 'logins';

/** A sliding count of a sort within a time (ms). */
export interface GoodCounter {
  readonly sort: Exclude<GoodSort, 'logins'>;
  readonly within: number;
}

/** ms for which a login or an accepted message puts a client in good standing, and a user counts as logged in */
export const STANDING = DAY;
