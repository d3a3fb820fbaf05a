// Converts log text between UTF-8 and latin1, as which it is read: one character for each byte is fast to cut.

const BEYOND_ASCII = /[\x80-\uffff]/;

/** @param bytes of characters up to U+00FF, each of which stands for a byte */
export function textOfUtf8(bytes: string): string {
  return BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/** @returns characters up to U+00FF, each of which stands for a byte: what a log file would hold */
export function utf8Bytes(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
