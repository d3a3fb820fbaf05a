// Stamps without a year, in local time: the hour that comes twice, the hour that never comes, and new year.

import { expect } from 'chai';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { HOUR } from '../../src/values/duration.ts';
import { inZone } from '../harness/zone.ts';

/** ms from the stamp to the reading of the line */
const DELAY = 40;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As syslog writes it: local time, the day padded with a blank. */
function stampOf(at: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const padded = time.map((part) => String(part).padStart(2, '0')).join(':');
  return `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${padded}`;
}

/** Reads stamps as they are written, one every `step` ms around a moment. @returns the moments read wrongly */
function wronglyRead(around: number, span: number, step: number): string[] {
  const reader = new StampReader();
  const wrong: string[] = [];
  for (let at = around - span; at <= around + span; at += step) {
    const found = reader.read(`${stampOf(at)} mx postfix/smtpd[1]: x`, at + DELAY)?.at;
    if (found !== at)
      wrong.push(`${stampOf(at)}: ${found === undefined ? 'none' : (found - at) / HOUR} h off`);
  }
  return wrong;
}

/** Changes of the clock in 2026 and 2027, by zone. */
const CHANGES: readonly (readonly [zone: string, what: string, at: string])[] = [
  ['Europe/Berlin', 'the hour that never comes', '2027-03-28T01:00:00Z'],
  ['Europe/Berlin', 'the hour that comes twice', '2026-10-25T01:00:00Z'],
  ['America/New_York', 'the hour that comes twice', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', 'the half hour that comes twice', '2027-04-03T15:00:00Z'],
  ['Europe/Berlin', 'new year', '2026-12-31T23:00:00Z'],
  ['Pacific/Auckland', 'new year', '2026-12-31T11:00:00Z'],
  ['Pacific/Honolulu', 'new year', '2027-01-01T10:00:00Z'],
  ['UTC', 'the end of a leap day', '2028-03-01T00:00:00Z'],
];

describe('faults: stamps without a year', () => {
  for (const [zone, what, moment] of CHANGES) {
    const at = Date.parse(moment);

    it(`reads every line of a busy log as of the moment it was written, over ${what} in ${zone}`, () => {
      inZone(zone, () => expect(wronglyRead(at, 2 * HOUR, 7000)).to.deep.equal([]));
    });

    it(`reads every line of a quiet log as of the moment it was written, over ${what} in ${zone}`, () => {
      // The next line has the same minute of the clock.
      inZone(zone, () => expect(wronglyRead(at, 2 * HOUR, HOUR / 2)).to.deep.equal([]));
    });
  }

  it('reads a line that was written in the last year and is read in this one', () => {
    inZone('Europe/Berlin', () => {
      const newYear = Date.parse('2026-12-31T23:00:00Z');
      for (let late = 0; late < 48; late++) {
        const found = new StampReader().read(`${stampOf(newYear - 1000)} mx x`, newYear + late * HOUR);
        expect(found?.at, `${late} hours late`).to.equal(newYear - 1000);
      }
    });
  });
});
