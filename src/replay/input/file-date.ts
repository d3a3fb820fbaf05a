// Which year a stamp without one is of, told by the date of its file.

const DAY = 86_400_000;
/** ID1 and ID2, CM, FLG, MTIME (RFC 1952 2.3). */
const MTIME = 4;

/**
 * The moment to which StampReader must come nearest, so that it finds the latest year in which a stamp is not later
 * than the file's date and a day: the middle of the year that ends there. The day is for logs of other time zones.
 *
 * @param date ms since 1970
 */
export function middleOfItsYear(date: number): number {
  // A ms more, so that of two years equally near the later one is taken.
  const end = date + DAY + 1;
  const start = new Date(end);
  start.setFullYear(start.getFullYear() - 1);
  return (start.getTime() + end) / 2;
}

/** The date that gzip(1) keeps of the file that it compressed, in ms since 1970; undefined where it kept none. */
export function dateInGzip(head: Buffer): number | undefined {
  const seconds = head.length < MTIME + 4 ? 0 : head.readUInt32LE(MTIME);
  return seconds === 0 ? undefined : seconds * 1000;
}
