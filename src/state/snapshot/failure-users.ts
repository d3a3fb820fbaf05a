// The users of failed logins in a client's line of snapshot.json: one for each time of auth-failure, empty where unknown.

import { FORGIVEN } from '../../blocks/events/codes.ts';
import { FAILURE, type Failures } from '../../blocks/events/failures.ts';
import { codeOf, timeOf, type Window } from '../../blocks/events/window.ts';
import { isoText } from '../../values/iso-time.ts';
import { damage } from './damage.ts';

/** Hexadecimal digits of a user. */
export const USER_DIGITS = 12;

/** `,"users":["0123456789ab",""]`, or nothing where no user is known */
export function usersText(events: Window, failures: Failures): string {
  if (failures === undefined) return '';
  const users: string[] = [];
  let next = 0;
  for (const stamp of events) {
    if (codeOf(stamp) !== FAILURE) continue;
    const at = timeOf(stamp);
    while ((failures[next] ?? at) < at) next += 2;
    const isKnown = failures[next] === at;
    users.push(isKnown ? hex(failures[next + 1] ?? 0) : '');
    if (isKnown) next += 2;
  }
  return users.every((user) => user === '') ? '' : `,"users":${JSON.stringify(users)}`;
}

/** `,"forgiven":["…"]`: times of failures that a login took back; nothing where there are none */
export function forgivenText(events: Window): string {
  const times = events.filter((stamp) => codeOf(stamp) === FORGIVEN).map((stamp) => isoText(timeOf(stamp)));
  return times.length === 0 ? '' : `,"forgiven":${JSON.stringify(times)}`;
}

/** @param users in the order of the failures; 0 where one is not known */
export function failuresOf(events: Window, users: readonly number[]): Failures {
  const times = events.filter((stamp) => codeOf(stamp) === FAILURE).map(timeOf);
  const pairs = users.flatMap((user, i) => (user === 0 ? [] : [times[i] ?? 0, user]));
  return users.length > times.length || pairs.length === 0 ? undefined : pairs;
}

/** @param number of the line, for the error; @throws SnapshotDamage */
export function parseUsers(value: unknown, number: number): readonly number[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw damage(number, 'a list of the users of failed logins');
  return value.map((text: unknown) => {
    const user = typeof text === 'string' && text !== '' ? Number.parseInt(text, 16) : 0;
    if (text !== '' && text !== hex(user)) throw damage(number, 'the user of a failed login');
    return user;
  });
}

function hex(user: number): string {
  return user.toString(16).padStart(USER_DIGITS, '0');
}
