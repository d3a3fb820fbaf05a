// Bytes that were read as latin1 to be cut quickly, as the UTF-8 that they are.

const BEYOND_ASCII = /[\x80-\xff]/;

export function textOfUtf8(bytes: string): string {
  return BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}
