// The stamps in front of log lines: BSD and RFC 3339, years that are left out, time zones.

import { expect } from 'chai';
import { logTextOf } from '../../../src/maillog/syslog/log-text.ts';
import { StampReader } from '../../../src/maillog/syslog/stamp.ts';
import { inZone } from '../../harness/zone.ts';

/** Moments in 2026, where a test does not name another year. */
const NOW = Date.UTC(2026, 10, 23, 12);

function isoOf(stamp: string, now = NOW, reader = new StampReader()): string | undefined {
  const read = reader.read(`${stamp} mx postfix/smtpd[1]: x`, now);
  if (read === undefined) return undefined;
  expect(read.end, `end of ${stamp}`).to.equal(stamp.length + 1);
  return new Date(read.at).toISOString();
}

/** Stamps without a zone are local time: runs with a time zone of the test's own. */
describe('maillog/syslog/stamp', () => {
  it('reads RFC 3339 stamps with every fraction and zone', () => {
    const good: [string, string][] = [
      ['2026-11-23T10:20:30Z', '2026-11-23T10:20:30.000Z'],
      ['2026-11-23T10:20:30.5Z', '2026-11-23T10:20:30.500Z'],
      ['2026-11-23T10:20:30.25+00:00', '2026-11-23T10:20:30.250Z'],
      ['2026-11-23T10:20:30.123456+02:00', '2026-11-23T08:20:30.123Z'],
      ['2026-11-23T10:20:30.999999999-05:30', '2026-11-23T15:50:30.999Z'],
      ['2026-11-23T10:20:30+14:00', '2026-11-22T20:20:30.000Z'],
      ['2028-02-29T23:59:59-00:00', '2028-02-29T23:59:59.000Z'],
    ];
    for (const [stamp, iso] of good) expect(isoOf(stamp), stamp).to.equal(iso);
  });

  it('reads BSD stamps, the day padded or not', () => {
    inZone('UTC', () => {
      const good: [string, string][] = [
        ['Nov 23 10:20:30', '2026-11-23T10:20:30.000Z'],
        ['Nov  3 10:20:30', '2026-11-03T10:20:30.000Z'],
        ['Nov 3 10:20:30', '2026-11-03T10:20:30.000Z'],
        ['Nov 03 10:20:30', '2026-11-03T10:20:30.000Z'],
      ];
      for (const [stamp, iso] of good) expect(isoOf(stamp), stamp).to.equal(iso);
    });
  });

  it('refuses other text', () => {
    const bad: [string, string][] = [
      ['', 'nothing'],
      ['Nov 23 10:20', 'no seconds'],
      ['Nov 31 10:20:30', 'no such day'],
      ['Feb 30 10:20:30', 'no such day in any year'],
      ['Now 23 10:20:30', 'no such month'],
      ['Nov  0 10:20:30', 'no day 0'],
      ['Nov 23 25:20:30', 'no such hour'],
      ['nov 23 10:20:30', 'a month in small letters'],
      ['Nov 23 10:60:30', 'no such minute'],
      ['Nov 23 10:20:61', 'no such second'],
      ['2026-11-23T10:20:61Z', 'no such second'],
      ['2026-11-23T10:20:30+00900', 'a digit in the place of the colon'],
      ['2026-11-23T10:20:30z+', 'a zone in small letters'],
      ['2026-13-23T10:20:30Z', 'no such month'],
      ['2026-11-23T10:61:30Z', 'no such minute'],
      ['26-11-23T10:20:30Z', 'a year of two digits'],
    ];
    for (const [stamp, reason] of bad) expect(isoOf(stamp), `${reason}: ${stamp}`).to.equal(undefined);
  });

  it('refuses a stamp without a blank after it, also in the minute of the line before', () => {
    inZone('UTC', () => {
      const reader = new StampReader();
      const rest = ' mx postfix/smtpd[1]: connect from unknown[192.0.2.1]';
      for (const end of ['x', ':', '.', '', '\t']) {
        expect(reader.read(`Nov 23 10:20:30${rest}`, NOW)).to.include({ end: 16 });
        const read = reader.read(`Nov 23 10:20:31${end}${rest.trimStart()}`, NOW);
        expect(read, JSON.stringify(end)).to.equal(undefined);
      }
    });
  });

  it('puts a stamp without a year in the year nearest to now, over new year both ways', () => {
    inZone('UTC', () => {
      const cases: [string, number, string][] = [
        ['Dec 31 23:59:59', Date.UTC(2027, 0, 1, 0, 0, 5), '2026-12-31T23:59:59.000Z'],
        ['Jan  1 00:00:01', Date.UTC(2026, 11, 31, 23, 59, 58), '2027-01-01T00:00:01.000Z'],
        ['Jul  1 00:00:00', Date.UTC(2027, 0, 15), '2027-07-01T00:00:00.000Z'],
        ['Aug  1 00:00:00', Date.UTC(2027, 0, 15), '2026-08-01T00:00:00.000Z'],
        ['Nov 24 12:00:01', NOW, '2026-11-24T12:00:01.000Z'],
      ];
      for (const [stamp, now, iso] of cases) expect(isoOf(stamp, now), stamp).to.equal(iso);
    });
  });

  it('reads 29 February in the leap year next to now, and refuses it where none is next', () => {
    inZone('UTC', () => {
      expect(isoOf('Feb 29 10:00:00', Date.UTC(2028, 2, 1))).to.equal('2028-02-29T10:00:00.000Z');
      expect(isoOf('Feb 29 10:00:00', Date.UTC(2029, 0, 1))).to.equal('2028-02-29T10:00:00.000Z');
      expect(isoOf('Feb 29 10:00:00', Date.UTC(2027, 11, 31))).to.equal('2028-02-29T10:00:00.000Z');
      expect(isoOf('Feb 29 10:00:00', Date.UTC(2026, 5, 1))).to.equal(undefined);
    });
  });

  it('continues from one year into the next with one reader', () => {
    inZone('UTC', () => {
      const reader = new StampReader();
      const stamps: [string, number][] = [
        ['Dec 31 23:59:58', Date.UTC(2026, 11, 31, 23, 59, 58)],
        ['Dec 31 23:59:59', Date.UTC(2027, 0, 1)],
        ['Jan  1 00:00:00', Date.UTC(2027, 0, 1)],
        ['Dec 31 23:59:58', Date.UTC(2027, 11, 31, 23, 59, 58)],
      ];
      const read = stamps.map(([stamp, now]) => isoOf(stamp, now, reader)?.slice(0, 10));
      expect(read).to.deep.equal(['2026-12-31', '2026-12-31', '2027-01-01', '2027-12-31']);
    });
  });

  it('takes a BSD stamp as local time, in summer and in winter', () => {
    inZone('Europe/Berlin', () => {
      const reader = new StampReader();
      expect(isoOf('Oct 25 01:59:59', NOW, reader)).to.equal('2026-10-24T23:59:59.000Z');
      expect(isoOf('Oct 25 03:00:00', NOW, reader)).to.equal('2026-10-25T02:00:00.000Z');
      expect(isoOf('Jul  1 12:00:00', NOW, reader)).to.equal('2026-07-01T10:00:00.000Z');
      expect(isoOf('Nov 23 12:00:00', NOW, reader)).to.equal('2026-11-23T11:00:00.000Z');
      expect(isoOf('2026-07-01T12:00:00+02:00', NOW, reader)).to.equal('2026-07-01T10:00:00.000Z');
    });
  });

  it('finds no stamp where its text ends too early, and looks no further', () => {
    inZone('UTC', () => {
      for (const stamp of [
        '2026-11-23T10:20:30.123456+02:00 ',
        '2026-11-23T10:20:30Z ',
        'Nov 23 10:20:30 ',
      ]) {
        const reader = new StampReader();
        for (let length = 0; length < stamp.length; length++)
          expect(reader.read(stamp.slice(0, length), NOW), stamp.slice(0, length)).to.equal(undefined);
        const whole = reader.read(stamp, NOW);
        expect(whole?.end).to.equal(stamp.length);
        // In a piece of a log, the text after the end of the line belongs to other lines.
        expect(reader.read(logTextOf(`${stamp}x\n${stamp}`), NOW, stamp.length + 2)).to.deep.equal({
          at: whole?.at,
          end: 2 * stamp.length + 2,
        });
      }
    });
  });

  it('reads a stamp the same after any other as alone', () => {
    inZone('UTC', () => {
      const stamps = ['Nov 23 10:20:30', 'Nov 3 10:20:31', 'Nov  3 10:20:32', '2026-11-23T10:20:30.5Z'];
      stamps.push('Nov 23 10:20:59', '2026-11-23T10:20:30.25+01:00', 'Nov 23 10:20:3x', 'Nov 23 10:2x:30');
      for (const first of stamps) {
        for (const second of stamps) {
          const reader = new StampReader();
          isoOf(first, NOW, reader);
          expect(isoOf(second, NOW, reader), `${second} after ${first}`).to.equal(isoOf(second));
        }
      }
    });
  });
});
