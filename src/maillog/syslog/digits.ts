// Digits among the bytes of a log, read several at a time: each look costs as much as some arithmetic.

/** RFC 3339 5.7 */
export const LEAP_SECOND = 60;

const COLON = 0x3a;
/** The upper halves of four bytes, those of digits, and what brings all above `9` out of them. */
const HALVES = 0xf0f0f0f0 | 0;
const OF_DIGITS = 0x30303030;
const ABOVE_NINE = 0x06060606;

/** Whether four bytes are digits. */
export function areDigits(word: number): boolean {
  return (word & HALVES) === OF_DIGITS && ((word + ABOVE_NINE) & HALVES) === OF_DIGITS;
}

/** The number in the first three of four digits. */
export function thousandthsOf(word: number): number {
  return ((word >> 24) & 0xf) * 100 + ((word >> 16) & 0xf) * 10 + ((word >> 8) & 0xf);
}

/** The second in the first three of four bytes, `:30`; -1 where there is none. */
export function secondOf(word: number): number {
  const tens = ((word >> 16) & 0xff) - 48;
  const ones = ((word >> 8) & 0xff) - 48;
  if (word >> 24 !== COLON || tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1;
  const second = tens * 10 + ones;
  return second > LEAP_SECOND ? -1 : second;
}

export function twoDigitsAt(bytes: DataView, place: number): number {
  const digits = bytes.getUint16(place) - 0x3030;
  const tens = digits >> 8;
  const ones = digits & 0xff;
  return tens < 0 || tens > 9 || ones > 9 ? -1 : tens * 10 + ones;
}

/** Negative where none stands there. */
export function digitAt(bytes: DataView, place: number): number {
  const digit = bytes.getUint8(place) - 48;
  return digit > 9 ? -1 : digit;
}
