// Time zones by name, against the host's own zone, which Date knows.

import { expect } from 'chai';
import fc from 'fast-check';
import { HOST_ZONE, isZoneName, momentsOf, zoneOf } from '../../../src/maillog/syslog/zone.ts';
import { HOUR } from '../../../src/values/duration.ts';
import { scaled } from '../../harness/scale.ts';
import { inZone } from '../../harness/zone.ts';

/** Whole and half hours, set forward and back in both hemispheres, by an hour and by half of one, and never. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Argentina/Ushuaia',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Apia',
  'Etc/GMT+5',
];
const moment = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) });

describe('maillog/syslog/zone', () => {
  it('knows the names of the tz database, and no others', () => {
    for (const name of [...ZONES, 'GMT', 'EST5EDT']) expect(isZoneName(name), name).to.equal(true);
    const bad = [
      '',
      'Berlin',
      'Europe/Atlantis',
      '+01:00',
      'UTC+1',
      'Europe/Berlin ',
      '../etc/passwd',
      'CEST',
    ];
    for (const name of [...bad, 'x'.repeat(100)]) expect(isZoneName(name), name).to.equal(false);
    expect(() => zoneOf('Europe/Atlantis')).to.throw(RangeError);
  });

  it('is as far ahead of UTC as the same zone of the host is, at any moment', () => {
    for (const name of ZONES) {
      const zone = zoneOf(name);
      inZone(name, () =>
        fc.assert(
          fc.property(moment, (at) => {
            expect(zone.offsetAt(at), `${name} at ${new Date(at).toISOString()}`).to.equal(
              HOST_ZONE.offsetAt(at),
            );
          }),
          { numRuns: scaled(200) },
        ),
      );
    }
  });

  it('tells the moment of each local time, both where the clocks are set back over it', () => {
    for (const name of ZONES) {
      const zone = zoneOf(name);
      fc.assert(
        fc.property(moment, (at) => {
          const moments = momentsOf(at + zone.offsetAt(at), zone);
          expect(moments, `${name} at ${new Date(at).toISOString()}`).to.include(at);
          expect(moments.map((one) => one + zone.offsetAt(one) - at - zone.offsetAt(at))).to.deep.equal(
            moments.map(() => 0),
          );
        }),
        { numRuns: scaled(200) },
      );
    }
    const twice: [string, string, number][] = [
      ['Europe/Berlin', '2026-10-25T02:30:00Z', HOUR],
      ['Australia/Lord_Howe', '2027-04-04T01:45:00Z', HOUR / 2],
      ['Europe/Berlin', '2026-10-25T03:00:00Z', 0],
      ['Europe/Berlin', '2026-10-25T01:59:59Z', 0],
    ];
    for (const [name, local, between] of twice) {
      const [first = 0, second = first] = momentsOf(Date.parse(local), zoneOf(name));
      expect(second - first, `${local} in ${name}`).to.equal(between);
    }
  });

  it('takes a local time that the clocks leave out as Date does', () => {
    const local = Date.UTC(2027, 2, 28, 2, 30);
    inZone('Europe/Berlin', () => {
      const [at, ...others] = momentsOf(local, zoneOf('Europe/Berlin'));
      expect(others).to.deep.equal([]);
      expect(at).to.equal(new Date(2027, 2, 28, 2, 30).getTime());
      expect(momentsOf(local, HOST_ZONE)).to.deep.equal([at]);
    });
  });
});
