// The year of stamps without one, from the date of their file.

import { DAY } from '../../values/duration.ts';

/** ID1 and ID2, CM, FLG, MTIME (RFC 1952 2.3). */
const MTIME = 4;

/**
 * The `now` for StampReader, which completes a stamp with the year that brings it nearest to `now`: the middle of the
 * year that ends a day after the file's date. Stamps so get the latest year in which they are not later than that. The
 * day allows for logs of other time zones.
 *
 * @param date ms since 1970
 */
export function middleOfItsYear(date: number): number {
  // One ms more: of two years equally near, the later one is right.
  const end = date + DAY + 1;
  const start = new Date(end);
  start.setFullYear(start.getFullYear() - 1);
  return (start.getTime() + end) / 2;
}

/** The date of the compressed file, which gzip(1) records, in ms since 1970; undefined where there is none. */
export function dateInGzip(head: Buffer): number | undefined {
  const seconds = head.length < MTIME + 4 ? 0 : head.readUInt32LE(MTIME);
  return seconds === 0 ? undefined : seconds * 1000;
}
