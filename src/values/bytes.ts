// Texts in bytes that nobody has decoded.

/** Whether `bytes` have `expected` from `start` on. */
export function isAt(expected: Buffer, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < expected.length; i++) if (expected[i] !== bytes[start + i]) return false;
  return true;
}
