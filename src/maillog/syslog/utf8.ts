// Log text is bytes that were read as latin1, one character each, to be cut quickly: from and to the UTF-8 that they are.

const BEYOND_ASCII = /[\x80-\uffff]/;

/** @param bytes of characters up to U+00FF, each of which stands for a byte */
export function textOfUtf8(bytes: string): string {
  return BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/** @returns characters up to U+00FF, each of which stands for a byte: what a log file would hold */
export function utf8Bytes(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
