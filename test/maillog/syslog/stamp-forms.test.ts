// The rarer stamps: years before and after, fractions, the forms of ISO 8601, those of journalctl.

import { expect } from 'chai';
import { StampReader } from '../../../src/maillog/syslog/stamp.ts';
import { hasZone } from '../../../src/maillog/syslog/stamp-forms.ts';
import { zoneOf } from '../../../src/maillog/syslog/zone.ts';
import { inZone } from '../../harness/zone.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const BERLIN = zoneOf('Europe/Berlin');

function isoOf(stamp: string, reader = new StampReader(BERLIN), now = NOW): string | undefined {
  const read = reader.read(`${stamp} mx postfix/smtpd[1]: x`, now);
  if (read === undefined) return undefined;
  expect(read.end, `end of ${stamp}`).to.equal(stamp.length + 1);
  return new Date(read.at).toISOString();
}

/** Each with its moment where the log is from Berlin. */
const LOCAL: readonly (readonly [stamp: string, iso: string])[] = [
  ['Nov 23 10:20:30', '2026-11-23T09:20:30.000Z'],
  ['Nov 23 10:20:30.5', '2026-11-23T09:20:30.500Z'],
  ['Nov 23 10:20:30.123456', '2026-11-23T09:20:30.123Z'],
  ['Nov  3 10:20:30.123456789', '2026-11-03T09:20:30.123Z'],
  ['Nov 3 10:20:30,001', '2026-11-03T09:20:30.001Z'],
  ['2026 Nov 23 10:20:30', '2026-11-23T09:20:30.000Z'],
  ['2024 Nov 23 10:20:30.25', '2024-11-23T09:20:30.250Z'],
  ['2024 Feb 29 10:20:30', '2024-02-29T09:20:30.000Z'],
  ['Nov 23 2026 10:20:30', '2026-11-23T09:20:30.000Z'],
  ['Nov  3 2026 10:20:30', '2026-11-03T09:20:30.000Z'],
  ['Mon Nov 23 10:20:30 2026', '2026-11-23T09:20:30.000Z'],
  ['Mon Nov 23 10:20:30', '2026-11-23T09:20:30.000Z'],
  ['2026-11-23T10:20:30', '2026-11-23T09:20:30.000Z'],
  ['2026-11-23T10:20:30.123456', '2026-11-23T09:20:30.123Z'],
  ['2026-07-01 10:20:30', '2026-07-01T08:20:30.000Z'],
  ['2026-11-23 10:20:30,123', '2026-11-23T09:20:30.123Z'],
  ['2026/11/23 10:20:30', '2026-11-23T09:20:30.000Z'],
  ['2026.11.23 10:20:30', '2026-11-23T09:20:30.000Z'],
  ['2026-11-23_10:20:30.12345', '2026-11-23T09:20:30.123Z'],
  ['Mon 2026-11-23 10:20:30 CET', '2026-11-23T09:20:30.000Z'],
  ['Wed 2026-07-01 10:20:30.123456 CEST', '2026-07-01T08:20:30.123Z'],
];

/** Each with its moment wherever the log is from. */
const ZONED: readonly (readonly [stamp: string, iso: string])[] = [
  ['2026-11-23T10:20:30+0100', '2026-11-23T09:20:30.000Z'],
  ['2026-11-23T10:20:30.655028+0100', '2026-11-23T09:20:30.655Z'],
  ['2026-11-23T10:20:30-0530', '2026-11-23T15:50:30.000Z'],
  ['2026-11-23T10:20:30+01', '2026-11-23T09:20:30.000Z'],
  ['2026-11-23T10:20:30.5+01:00', '2026-11-23T09:20:30.500Z'],
  ['2026-11-23T10:20:30,5+01:00', '2026-11-23T09:20:30.500Z'],
  ['2026-11-23T10:20:30Z', '2026-11-23T10:20:30.000Z'],
  ['2026-11-23 10:20:30Z', '2026-11-23T10:20:30.000Z'],
  ['2026-11-23 10:20:30.5 Z', '2026-11-23T10:20:30.500Z'],
  ['2026-11-23 10:20:30 +0100', '2026-11-23T09:20:30.000Z'],
  ['2026-11-23 10:20:30.25 -03:00', '2026-11-23T13:20:30.250Z'],
  ['2026/11/23 10:20:30 +0000', '2026-11-23T10:20:30.000Z'],
  ['Mon 2026-11-23 10:20:30 UTC', '2026-11-23T10:20:30.000Z'],
  ['Mon 2026-11-23 10:20:30 GMT', '2026-11-23T10:20:30.000Z'],
  ['Mon 2026-11-23 10:20:30 +0330', '2026-11-23T06:50:30.000Z'],
  ['Mon 2026-11-23 10:20:30 -03', '2026-11-23T13:20:30.000Z'],
  ['1795429230.123456', '2026-11-23T10:20:30.123Z'],
];

describe('maillog/syslog/stamp-forms', () => {
  it('are read as of the zone of the log where they tell none', () => {
    for (const [stamp, iso] of LOCAL) {
      expect(isoOf(stamp), stamp).to.equal(iso);
      expect(hasZone(`${stamp} `), stamp).to.equal(false);
      inZone('Europe/Berlin', () => expect(isoOf(stamp, new StampReader()), stamp).to.equal(iso));
    }
  });

  it('are read as of the zone that they tell', () => {
    for (const [stamp, iso] of ZONED) {
      for (const zone of ['Europe/Berlin', 'America/St_Johns'])
        expect(isoOf(stamp, new StampReader(zoneOf(zone))), stamp).to.equal(iso);
      expect(hasZone(`${stamp} `), stamp).to.equal(true);
    }
  });

  it('are none with a day, a time or a form that there is not', () => {
    const bad: [string, string][] = [
      ['2026-02-30 10:20:30', 'no such day'],
      ['2026-13-01 10:20:30', 'no such month'],
      ['2026-00-01 10:20:30', 'no month 0'],
      ['2026-11-00 10:20:30', 'no day 0'],
      ['2026-11-23 24:00:00', 'no such hour'],
      ['2026-11-23 10:60:00', 'no such minute'],
      ['2026-11-23 10:20:61', 'no such second'],
      ['2026-11/23 10:20:30', 'two separators'],
      ['2026-11-23T10:20', 'no seconds'],
      ['2026-11-23t10:20:30Z', 'a small t'],
      ['2026-11-23T10:20:30z', 'a small z'],
      ['2026-11-23T10:20:30+00900', 'five digits of a zone'],
      ['2026-11-23T10:20:30.1234567890', 'ten digits of a fraction'],
      ['Nov 31 2026 10:20:30', 'no such day'],
      ['2026 Feb 29 10:20:30', 'no leap year'],
      ['Now 23 2026 10:20:30', 'no such month'],
      ['2026 Nov 23 25:20:30', 'no such hour'],
      ['Nov 23 10:20:30.', 'no digit behind the point'],
      ['Mon 2026-11-23 10:20:30', 'a weekday without a zone'],
      ['Mon 2026-11-23 10:20:30 Cet', 'no abbreviation of a zone'],
      ['1795429230', 'seconds without a fraction'],
      ['17954292.123456', 'too few digits'],
      ['[ 1234.567890]', 'a time since boot'],
    ];
    for (const [stamp, reason] of bad) expect(isoOf(stamp), `${reason}: ${stamp}`).to.equal(undefined);
  });

  it('take no host name for a part of the stamp', () => {
    const hosts = ['CET', 'UTC', 'MAIL', '2026x', '+x', '-0100x'];
    for (const host of hosts) {
      for (const stamp of ['2026-11-23 10:20:30', 'Nov 23 10:20:30', '2026-11-23T10:20:30+0100']) {
        const read = new StampReader(BERLIN).read(`${stamp} ${host} postfix/smtpd[1]: x`, NOW);
        expect(read, `${stamp} ${host}`).to.deep.equal({
          at: Date.parse('2026-11-23T09:20:30Z'),
          end: stamp.length + 1,
        });
      }
    }
  });

  it('are read the same after any other as alone', () => {
    const stamps = [...LOCAL, ...ZONED].map(([stamp]) => stamp);
    for (const first of stamps) {
      for (const second of stamps) {
        const reader = new StampReader(BERLIN);
        isoOf(first, reader);
        expect(isoOf(second, reader), `${second} after ${first}`).to.equal(isoOf(second));
      }
    }
  });

  it('read a leap second as the second after', () => {
    const leap: [string, string][] = [
      ['Dec 31 23:59:60', '2026-12-31T23:00:00.000Z'],
      ['2026-12-31T23:59:60Z', '2027-01-01T00:00:00.000Z'],
      ['2026-12-31T23:59:60.5+01:00', '2026-12-31T23:00:00.500Z'],
      ['2026-12-31 23:59:60', '2026-12-31T23:00:00.000Z'],
      ['2026 Dec 31 23:59:60', '2026-12-31T23:00:00.000Z'],
    ];
    for (const [stamp, iso] of leap) {
      const reader = new StampReader(BERLIN);
      expect(isoOf(stamp, reader), stamp).to.equal(iso);
      expect(isoOf(stamp.replace(':60', ':59'), reader), stamp).not.to.equal(undefined);
      expect(isoOf(stamp, reader), `${stamp} once more`).to.equal(iso);
      expect(isoOf(stamp.replace(':60', ':61'), reader), stamp).to.equal(undefined);
    }
  });
});

describe('maillog/syslog/stamp-forms: the hour that comes twice, read long after it', () => {
  /** Seconds between two lines; the clocks go back at 01:00 UTC. */
  const steps = [7, 60, 600, 1500];
  for (const step of steps) {
    it(`follows from the order of the lines, one every ${step} s`, () => {
      const reader = new StampReader(BERLIN);
      const middle = Date.parse('2026-10-25T01:00:00Z');
      for (let at = middle - 7_200_000; at <= middle + 7_200_000; at += step * 1000) {
        const local = new Date(at + BERLIN.offsetAt(at)).toISOString();
        const stamp = `Oct 25 ${local.slice(11, 19)}`;
        // As a replay reads it: `now` is months away.
        expect(isoOf(stamp, reader, Date.UTC(2026, 5, 1)), stamp).to.equal(new Date(at).toISOString());
      }
    });
  }
});
