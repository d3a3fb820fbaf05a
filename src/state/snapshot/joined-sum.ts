// The CRC-32 of two texts, one behind the other, from the CRC-32 of each.

/** The polynomial of CRC-32 as gzip has it (RFC 1952 8), its lowest power in the highest bit. */
const POLYNOMIAL = 0xedb88320;
/** x^0 */
const ONE = 0x80000000;
/** x^8: the factor by which one byte more multiplies what stands before it */
const BYTE = 0x00800000;

/**
 * @param before CRC-32 of the first text
 * @param after CRC-32 of the second text
 * @param length bytes of the second text
 */
export function joinedSum(before: number, after: number, length: number): number {
  return (product(before, powerOfByte(length)) ^ after) >>> 0;
}

/** x^(8 * length), by squares */
function powerOfByte(length: number): number {
  let power = ONE;
  let square = BYTE;
  for (let left = length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(power, square);
    square = product(square, square);
  }
  return power;
}

/** The product of two polynomials over GF(2), modulo that of CRC-32. */
function product(a: number, b: number): number {
  let sum = 0;
  let factor = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) sum ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return sum >>> 0;
}
