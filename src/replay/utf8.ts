// Bytes that were read as latin1 to be cut quickly, as the UTF-8 that they are.

export function textOfUtf8(bytes: string): string {
  for (let place = 0; place < bytes.length; place++) {
    if (bytes.charCodeAt(place) > 127) return Buffer.from(bytes, 'latin1').toString('utf8');
  }
  return bytes;
}
