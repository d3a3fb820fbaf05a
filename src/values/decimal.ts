// Decimal digits written into bytes, by the million: numbers, and IPv4 addresses in the form of dotted quads.

const [DOT, ZERO] = [46, 48] as const;
/** Numbers below it are divided as integers of 32 bits. */
const BILLION = 1e9;
const BILLION_DIGITS = 9;

/**
 * @param value a natural number up to 2^53
 * @returns the index behind the last digit
 */
export function writeDecimal(value: number, into: Buffer, start: number): number {
  if (value < 10) {
    into[start] = ZERO + value;
    return start + 1;
  }
  if (value < BILLION) return writeDigits(value, digitsOf(value), into, start);
  const upper = Math.floor(value / BILLION);
  const end = writeDigits(upper, digitsOf(upper), into, start);
  return writeDigits(value - upper * BILLION, BILLION_DIGITS, into, end);
}

/**
 * Writes so many digits, with zeros in front.
 * @param value a natural number below a billion
 * @returns the index behind them
 */
export function writeDigits(value: number, count: number, into: Buffer, start: number): number {
  let rest = value | 0;
  for (let i = start + count - 1; i >= start; i--) {
    const tens = (rest / 10) | 0;
    into[i] = ZERO + rest - tens * 10;
    rest = tens;
  }
  return start + count;
}

/**
 * @param address of 32 bits
 * @returns the index behind it
 */
export function writeIPv4(address: number, into: Buffer, start: number): number {
  let end = start;
  for (let shift = 24; shift >= 0; shift -= 8) {
    const octet = (address >>> shift) & 255;
    end = writeDigits(octet, octet < 10 ? 1 : octet < 100 ? 2 : 3, into, end);
    if (shift > 0) into[end++] = DOT;
  }
  return end;
}

function digitsOf(value: number): number {
  if (value < 10) return 1;
  let digits = 2;
  for (let bound = 100; value >= bound; bound *= 10) digits++;
  return digits;
}
