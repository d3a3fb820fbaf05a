// Times as files have them: ISO 8601 UTC with milliseconds, written and read by the million.

/** `2025-03-04T05:06:07.890Z` */
export const ISO_LENGTH = 24;

/** The second that was written last, and the day that was read last: times in one file lie close together. */
let second = Number.NaN;
let secondText = '';
let day = -1;
let dayAt = 0;

/** @param ms since 1970 */
export function isoText(ms: number): string {
  const fraction = ms % 1000;
  if (ms - fraction !== second) {
    second = ms - fraction;
    secondText = new Date(second).toISOString().slice(0, -4);
  }
  return `${secondText}${fraction < 10 ? '00' : fraction < 100 ? '0' : ''}${fraction}Z`;
}

/** The time that isoText wrote; NaN for what is none, or lies beyond the years 1970 to 9999. */
export function isoTime(value: unknown): number {
  return typeof value === 'string' && value.length === ISO_LENGTH ? isoTimeAt(value, 0) : Number.NaN;
}

/** The time that stands at a place of a text; NaN where none stands exactly there. */
export function isoTimeAt(text: string, place: number): number {
  const date =
    digits(text, place, 4) * 10_000 + digits(text, place + 5, 2) * 100 + digits(text, place + 8, 2);
  const hour = digits(text, place + 11, 2);
  const minute = digits(text, place + 14, 2);
  const rest = digits(text, place + 17, 2);
  const ms = digits(text, place + 20, 3);
  const isTime =
    date >= 0 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && rest >= 0 && rest < 60 && ms >= 0;
  if (!isTime || !hasMarks(text, place)) return Number.NaN;
  if (date !== day) {
    dayAt = Date.parse(`${text.slice(place, place + 10)}T00:00:00.000Z`);
    // 30 February is read as a day of March: what was written must come out again.
    const isDay = dayAt >= 0 && new Date(dayAt).toISOString().startsWith(text.slice(place, place + 10));
    day = isDay ? date : -1;
  }
  return day < 0 ? Number.NaN : dayAt + ((hour * 60 + minute) * 60 + rest) * 1000 + ms;
}

/** `-`, `T`, `:`, `.` and `Z` between the digits. */
function hasMarks(text: string, place: number): boolean {
  return (
    text.charCodeAt(place + 4) === 45 &&
    text.charCodeAt(place + 7) === 45 &&
    text.charCodeAt(place + 10) === 84 &&
    text.charCodeAt(place + 13) === 58 &&
    text.charCodeAt(place + 16) === 58 &&
    text.charCodeAt(place + 19) === 46 &&
    text.charCodeAt(place + 23) === 90
  );
}

/** The number in so many digits, or a negative one below all sums of the others. */
function digits(text: string, place: number, count: number): number {
  let value = 0;
  for (let i = place; i < place + count; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 48 && code <= 57)) return -1e9;
    value = value * 10 + code - 48;
  }
  return value;
}
