// The bytes of a snapshot's lines, with commas between the lines, in chunks that are used again: they leave no garbage.

import { writeDecimal, writeIPv4 } from '../../values/decimal.ts';
import { writeIsoTime } from '../../values/iso-time.ts';

/** Bytes of a chunk. */
export const CHUNK = 1 << 16;
/** Chunks kept for later lines: one is written to the file while another one fills. */
const MAX_FREE = 2;

/** Bytes of a comma and a newline before a line, and of the newline after the last one. */
const LINE_ENDS = 3;

const NEWLINE = 10;
const COMMA = 44;
export class LineBytes {
  readonly #full: Buffer[] = [];
  readonly #free: Buffer[] = [];
  #bytes: Buffer = Buffer.allocUnsafeSlow(CHUNK);
  #end = 0;
  #count = 0;
  /** bytes of the chunks before this one */
  #before = 0;

  /** Bytes so far, up to the end of the last line: without what stands between it and the next one. */
  get length(): number {
    return this.#before + this.#end;
  }

  /** Lines so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether a chunk is full. */
  get isFull(): boolean {
    return this.#full.length > 0;
  }

  /** Begins a line. @param length bytes that it has at most */
  begin(length: number): void {
    if (this.#end + length + LINE_ENDS > this.#bytes.length) this.#startChunk(length + LINE_ENDS);
    if (this.#count++ === 0) return;
    this.byte(COMMA);
    this.byte(NEWLINE);
  }

  /** A whole line. */
  line(text: string): void {
    const length = Buffer.byteLength(text);
    this.begin(length);
    this.#end += this.#bytes.write(text, this.#end);
  }

  byte(byte: number): void {
    this.#bytes[this.#end++] = byte;
  }

  bytes(bytes: Buffer): void {
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** ASCII characters */
  ascii(text: string): void {
    const into = this.#bytes;
    const start = this.#end;
    for (let i = 0; i < text.length; i++) into[start + i] = text.charCodeAt(i);
    this.#end = start + text.length;
  }

  /** A client key: an IPv4 address as its number, any other as its text. */
  key(key: string | number): void {
    if (typeof key === 'string') this.ascii(key);
    else this.#end = writeIPv4(key, this.#bytes, this.#end);
  }

  /** A comma and a number for each value. @param values natural numbers up to 2^53 */
  decimals(values: readonly number[]): void {
    const into = this.#bytes;
    let end = this.#end;
    for (let i = 0; i < values.length; i++) {
      into[end] = COMMA;
      end = writeDecimal(values[i] ?? 0, into, end + 1);
    }
    this.#end = end;
  }

  /** @param value a natural number up to 2^53 */
  decimal(value: number): void {
    this.#end = writeDecimal(value, this.#bytes, this.#end);
  }

  /** @param ms since 1970, as isoText takes them */
  time(ms: number): void {
    this.#end = writeIsoTime(ms, this.#bytes, this.#end);
  }

  /** The oldest full chunk; give it back to `reuse` once it is written. */
  takeFull(): Buffer | undefined {
    return this.#full.shift();
  }

  reuse({ buffer }: Buffer): void {
    if (buffer.byteLength === CHUNK && this.#free.length < MAX_FREE) this.#free.push(Buffer.from(buffer));
  }

  /** The last chunk, with the end of the last line; empty where there are no lines. */
  takeLast(): Buffer {
    if (this.#count > 0) this.byte(NEWLINE);
    return this.#bytes.subarray(0, this.#end);
  }

  #startChunk(length: number): void {
    if (this.#end > 0) this.#full.push(this.#bytes.subarray(0, this.#end));
    const free = length <= CHUNK ? this.#free.pop() : undefined;
    this.#before += this.#end;
    this.#bytes = free ?? Buffer.allocUnsafeSlow(Math.max(CHUNK, length));
    this.#end = 0;
  }
}
