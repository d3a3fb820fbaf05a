// Parses requests of the policy protocol (SMTPD_POLICY_README): `name=value` lines, ended by an empty line.

import { type PolicyRequest, RequestError } from './request.ts';
import { WholeRequest } from './whole-request.ts';

/** Bytes of a request. Those of Postfix have about 1,000; its limit for a value is 2,048 by default. */
export const MAX_REQUEST = 1 << 16;

const TYPE = 'smtpd_access_policy';
const NEWLINE = 10;
const EQUALS = 61;

/** A push parser: takes the bytes of a connection, split anywhere, and gives requests. One for each connection. */
export class RequestParser {
  #bytes: Buffer = Buffer.alloc(0);
  /** bytes in use; the buffer grows by doubling, so that a request that comes byte by byte is not copied each time */
  #length = 0;
  /** whether #bytes is this parser's own, not the chunk from the socket */
  #isOwn = false;
  #scanned = 0;
  #requestStart = 0;
  #lineStart = 0;
  #equals = -1;

  /** Whether a request is unfinished. */
  get isWithin(): boolean {
    return this.#length > this.#requestStart;
  }

  /** Bytes of the unfinished request. */
  get unfinishedBytes(): number {
    return this.#length - this.#requestStart;
  }

  /**
   * Takes the next bytes and calls `onRequest` for each request that they complete. A request is valid during the call.
   *
   * @throws RequestError at the first byte that makes a request invalid; `onRequest` has had the requests before it
   */
  push(chunk: Buffer, onRequest: (request: PolicyRequest) => void): void {
    const whole = this.#length === 0 && chunk.length <= MAX_REQUEST ? WholeRequest.from(chunk) : undefined;
    if (whole === undefined) this.#pushPart(chunk, onRequest);
    else give(whole, onRequest);
  }

  #pushPart(chunk: Buffer, onRequest: (request: PolicyRequest) => void): void {
    this.#append(chunk);
    const bytes = this.#bytes;
    const end = this.#length;
    for (let place = this.#scanned; place < end; place++) {
      const byte = bytes[place];
      if (byte === EQUALS) {
        if (this.#equals < 0) this.#equals = place;
      } else if (byte === NEWLINE) {
        if (place === this.#lineStart) this.#complete(place, onRequest);
        else this.#line(bytes, place);
        this.#lineStart = place + 1;
        this.#equals = -1;
      }
    }
    this.#scanned = end;
    this.#compact();
  }

  #append(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#bytes = chunk;
      this.#isOwn = false;
    } else {
      this.#grow(this.#length + chunk.length);
      chunk.copy(this.#bytes, this.#length);
    }
    this.#length += chunk.length;
  }

  /** Discards what has been read. Only the start of an unfinished request stays, in a buffer of our own. */
  #compact(): void {
    const start = this.#requestStart;
    const rest = this.#length - start;
    if (rest > MAX_REQUEST) throw new RequestError('oversized', `request of more than ${MAX_REQUEST} bytes`);
    this.#length = rest;
    if (rest > 0 && (start > 0 || !this.#isOwn)) {
      this.#bytes = this.#bytes.subarray(start, start + rest);
      this.#isOwn = false;
      this.#grow(rest);
    }
    this.#scanned = rest;
    this.#lineStart -= start;
    if (this.#equals >= 0) this.#equals -= start;
    this.#requestStart = 0;
  }

  /** Makes room for `length` bytes in a buffer that does not keep the much larger one of the socket alive. */
  #grow(length: number): void {
    if (this.#isOwn && length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(1024, 2 * length));
    this.#bytes.copy(larger, 0, 0, Math.min(this.#length, this.#bytes.length));
    this.#bytes = larger;
    this.#isOwn = true;
  }

  #complete(place: number, onRequest: (request: PolicyRequest) => void): void {
    const request = WholeRequest.from(this.#bytes.subarray(this.#requestStart, place + 1));
    const isTooLong = place - this.#requestStart > MAX_REQUEST;
    if (request?.isPolicy && isTooLong)
      throw new RequestError('oversized', `request of more than ${MAX_REQUEST} bytes`);
    this.#requestStart = place + 1;
    if (request !== undefined) give(request, onRequest);
  }

  #line(bytes: Buffer, end: number): void {
    if (this.#equals >= 0) return;
    const text = bytes.toString('latin1', this.#lineStart, Math.min(end, this.#lineStart + 40));
    throw new RequestError('malformed', `a line without "=": ${JSON.stringify(text)}`);
  }
}

/** @throws RequestError where it is a request for another service */
function give(request: WholeRequest, onRequest: (request: PolicyRequest) => void): void {
  if (!request.isPolicy) {
    const found = request.type === '' ? 'none' : JSON.stringify(request.type.slice(0, 40));
    throw new RequestError('foreign', `request type ${found}, expected ${TYPE}`);
  }
  onRequest(request);
}
