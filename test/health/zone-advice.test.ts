// Advice on a log's time zone: a log in another zone is late or ahead by whole or half hours, and little more.

import { expect } from 'chai';
import { zoneAdvice } from '../../src/health/zone-advice.ts';
import { HOUR, MINUTE, SECOND } from '../../src/values/duration.ts';

const of = (zone: string) => `if its stamps have no zone, they are of another one: set ${zone}`;
const at = (clock: string) => of(`zone: in policy.yml to the one whose clocks are at UTC${clock} now`);

describe('health/zone-advice', () => {
  const good: readonly (readonly [what: string, behind: number, offset: number, advice: string])[] = [
    ['a container in UTC on a host in Berlin', HOUR + SECOND, HOUR, of('zone: UTC in policy.yml')],
    [
      'the same in New York: the log is ahead',
      2 * SECOND - 5 * HOUR,
      -5 * HOUR,
      of('zone: UTC in policy.yml'),
    ],
    ['the same in Kolkata', 5.5 * HOUR, 5.5 * HOUR, of('zone: UTC in policy.yml')],
    ['a relay in Berlin beside a host in UTC', 3 * SECOND - HOUR, 0, at('+01:00')],
    ['a relay in Newfoundland beside a host in UTC', 3.5 * HOUR, 0, at('-03:30')],
  ];
  for (const [what, behind, offset, advice] of good) {
    it(`names the zone for ${what}`, () => {
      expect(zoneAdvice(behind, offset)).to.equal(advice);
    });
  }

  const bad: readonly (readonly [why: string, behind: number, offset: number])[] = [
    ['a log that is late by a minute', MINUTE, HOUR],
    ['a log that is late by 65 minutes', 65 * MINUTE, HOUR],
    ['a log that is late by 20 seconds more than an hour', HOUR + 20 * SECOND, HOUR],
    ['a log that is late by a day: no zone is so far away', 24 * HOUR, 0],
    ['a log that is ahead by a month', -30 * 24 * HOUR, 0],
  ];
  for (const [why, behind, offset] of bad) {
    it(`names none for ${why}`, () => {
      expect(zoneAdvice(behind, offset)).to.equal(undefined);
    });
  }
});
