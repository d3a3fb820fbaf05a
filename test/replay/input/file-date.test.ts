// Stamps without a year, completed from the dates of their files.

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { StampReader } from '../../../src/maillog/syslog/stamp.ts';
import { dateInGzip, middleOfItsYear } from '../../../src/replay/input/file-date.ts';
import { DAY, MINUTE } from '../../../src/values/duration.ts';
import { inZone } from '../../harness/zone.ts';
import { file, Reading } from './inputs.ts';

function read(stamp: string, date: number): string | undefined {
  const read = new StampReader().read(`${stamp} mx postfix/smtpd[1]: x`, middleOfItsYear(date));
  return read === undefined ? undefined : new Date(read.at).toISOString().slice(0, 16);
}

function gzipOf(text: string, seconds: number): Buffer {
  const bytes = gzipSync(text);
  bytes.writeUInt32LE(seconds, 4);
  return bytes;
}

describe('replay/input/file-date', () => {
  it('takes the latest year in which a stamp is no more than a day later than its file', () => {
    inZone('UTC', () => {
      const cases: [string, number, string][] = [
        ['Nov 23 12:00:00', Date.UTC(2026, 10, 23, 12), '2026-11-23T12:00'],
        ['Nov 24 12:00:00', Date.UTC(2026, 10, 23, 12), '2026-11-24T12:00'],
        ['Nov 24 12:01:00', Date.UTC(2026, 10, 23, 12), '2025-11-24T12:01'],
        ['Jan  1 00:00:00', Date.UTC(2026, 10, 23, 12), '2026-01-01T00:00'],
        ['Dec  1 00:00:00', Date.UTC(2026, 10, 23, 12), '2025-12-01T00:00'],
        ['May 20 00:00:00', Date.UTC(2026, 10, 23, 12), '2026-05-20T00:00'],
      ];
      for (const [stamp, date, iso] of cases) expect(read(stamp, date), stamp).to.equal(iso);
    });
  });

  it('handles the new year, in a file written to after it and in one written to before', () => {
    inZone('UTC', () => {
      const cases: [string, number, string][] = [
        ['Dec 31 23:59:59', Date.UTC(2027, 0, 1, 0, 0, 5), '2026-12-31T23:59'],
        ['Jan  1 00:00:01', Date.UTC(2027, 0, 1, 0, 0, 5), '2027-01-01T00:00'],
        ['Jan  1 00:00:01', Date.UTC(2026, 11, 31, 23, 59), '2027-01-01T00:00'],
        ['Jan  2 00:00:01', Date.UTC(2026, 11, 31, 23, 59), '2026-01-02T00:00'],
        ['Feb  1 00:00:00', Date.UTC(2027, 0, 31, 12), '2027-02-01T00:00'],
        ['Feb  2 00:00:00', Date.UTC(2027, 0, 31, 12), '2026-02-02T00:00'],
      ];
      for (const [stamp, date, iso] of cases) expect(read(stamp, date), stamp).to.equal(iso);
    });
  });

  it('puts 29 February into its leap year, and the days around it into theirs', () => {
    inZone('UTC', () => {
      const cases: [string, number, string][] = [
        ['Feb 29 10:00:00', Date.UTC(2028, 1, 29, 12), '2028-02-29T10:00'],
        ['Feb 29 10:00:00', Date.UTC(2028, 1, 28, 12), '2028-02-29T10:00'],
        ['Feb 29 10:00:00', Date.UTC(2028, 2, 1), '2028-02-29T10:00'],
        ['Feb 29 10:00:00', Date.UTC(2028, 11, 31), '2028-02-29T10:00'],
        ['Feb 29 10:00:00', Date.UTC(2029, 1, 20), '2028-02-29T10:00'],
        ['Feb 28 10:00:00', Date.UTC(2028, 1, 28, 12), '2028-02-28T10:00'],
        ['Mar  1 10:00:00', Date.UTC(2028, 1, 28, 12), '2027-03-01T10:00'],
        ['Mar  1 10:00:00', Date.UTC(2028, 1, 29, 12), '2028-03-01T10:00'],
        ['Mar  2 10:00:00', Date.UTC(2028, 1, 29, 12), '2027-03-02T10:00'],
      ];
      for (const [stamp, date, iso] of cases) expect(read(stamp, date), stamp).to.equal(iso);
    });
  });

  it('finds every moment of the year before a file was last written to', () => {
    inZone('UTC', () => {
      const minutes = { min: Date.UTC(2020, 0, 1) / MINUTE, max: Date.UTC(2040, 0, 1) / MINUTE };
      const ages = { min: -DAY / MINUTE, max: (364 * DAY) / MINUTE - 1 };
      fc.assert(
        fc.property(fc.integer(minutes), fc.integer(ages), (minute, age) => {
          const at = minute * MINUTE;
          // "Mon, 23 Nov 2026 10:20:00 GMT"
          const [, day, month, , time] = new Date(at).toUTCString().split(' ');
          const iso = new Date(at).toISOString().slice(0, 16);
          expect(read(`${month} ${day} ${time}`, at + age * MINUTE)).to.equal(iso);
        }),
        { numRuns: 1000 },
      );
    });
  });

  it('is the date of the file itself, of gzip the one that gzip kept, of standard input now', async () => {
    const text = 'Dec 31 23:59:59 mx postfix/smtpd[1]: x\n';
    const stdin = new Reading(Readable.from([text]));
    expect(new Date((await stdin.all('-'))[0]?.at ?? 0).getFullYear()).to.equal(
      new Date(stdin.now).getFullYear() - 1,
    );
    const summer2020 = Date.UTC(2020, 6, 1);
    const year = async (path: string) => new Date((await new Reading().all(path))[0]?.at ?? 0).getFullYear();
    expect(await year(file(text, { date: summer2020 }))).to.equal(2019);
    expect(await year(file(gzipOf(text, 0), { date: summer2020 }))).to.equal(2019);
    expect(await year(file(gzipOf(text, Date.UTC(2017, 6, 1) / 1000), { date: summer2020 }))).to.equal(2016);
  });

  it('is unknown where gzip kept none', () => {
    expect(dateInGzip(gzipOf('', 0))).to.equal(undefined);
    expect(dateInGzip(gzipOf('', DAY / 1000))).to.equal(DAY);
    expect(dateInGzip(gzipOf('', 4_000_000_000))).to.equal(4_000_000_000_000);
    expect(dateInGzip(Buffer.from([0x1f, 0x8b]))).to.equal(undefined);
  });
});
