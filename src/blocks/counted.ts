// The abuse that is counted of one client: its window, and beside it the failures whose user is known.

import { FORGIVEN, isInMask } from './events/codes.ts';
import type { AbuseEvent } from './events/event.ts';
import {
  FAILURE,
  type Failures,
  forgiven,
  keptFailures,
  withFailure,
  withForgiven,
} from './events/failures.ts';
import { addToWhole } from './events/whole-window.ts';
import { addEvent, newestOf, type Window } from './events/window.ts';
import type { RuleSet } from './rules.ts';

export interface Counted {
  readonly events: Window;
  readonly failures: Failures;
}

/** What is left after a login. */
export interface AfterLogin extends Counted {
  /** of the failures that the login takes back, ms since 1970; never empty */
  readonly times: readonly number[];
}

/**
 * Adds an event.
 * @param before must not be used any more
 * @param whole bit set of the codes of which all events count
 */
export function withAbuse(
  before: Counted,
  { at, user = 0 }: AbuseEvent,
  code: number,
  { retention, needsUsers }: RuleSet,
  whole: number,
): Counted {
  const events =
    whole === 0
      ? addEvent(before.events, at, code, retention)
      : addToWhole(before.events, at, code, retention, whole);
  const isNamed = user !== 0 && code === FAILURE && needsUsers;
  const failures = isNamed ? withFailure(before.failures, at, user) : before.failures;
  return {
    events,
    failures: keptFailures(failures, newestOf(events), retention, isInMask(whole, FAILURE)),
  };
}

/** A login takes back the failures of its user up to `at` (ms); undefined where there are none. */
export function afterLogin(
  before: Counted,
  user: number,
  at: number,
  rules: RuleSet,
): AfterLogin | undefined {
  if (before.failures === undefined) return undefined;
  const { failures, times } = forgiven(before.failures, user, at);
  if (times.length === 0) return undefined;
  return { events: withForgiven(before.events, times, rules.counting(FORGIVEN).length > 0), failures, times };
}
