// The attributes of one whole request: found by one look at each byte, and read where they are asked for.

import type { PolicyRequest } from './request.ts';

const NEWLINE = 10;
const EQUALS = 61;
const REQUEST = Buffer.from('request=');
const TYPE = Buffer.from('smtpd_access_policy');
const INSTANCE = Buffer.from('instance=');
const CLIENT_NAME = Buffer.from('client_name=');
const CLIENT_ADDRESS = Buffer.from('client_address=');

/** Valid as long as nobody writes to its bytes. */
export class WholeRequest implements PolicyRequest {
  readonly #bytes: Buffer;
  #type = 0;
  #typeEnd = 0;
  #address = 0;
  #addressEnd = 0;
  #name = 0;
  #nameEnd = 0;
  #instance = 0;
  #instanceEnd = 0;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The request, where these bytes are one and nothing else; undefined for all that is to be looked at more closely. */
  static from(bytes: Buffer): WholeRequest | undefined {
    const last = bytes.length - 1;
    if (bytes[last] !== NEWLINE) return undefined;
    const request = new WholeRequest(bytes);
    let start = 0;
    while (start < last) {
      let equals = start;
      while (bytes[equals] !== EQUALS) if (bytes[equals++] === NEWLINE) return undefined;
      let end = equals + 1;
      while (bytes[end] !== NEWLINE) end++;
      request.#line(start, equals, end);
      start = end + 1;
    }
    return start === last ? request : undefined;
  }

  /** Whether it is of the one type that Postfix sends. */
  get isPolicy(): boolean {
    return this.#typeEnd - this.#type === TYPE.length && this.#begins(this.#type, TYPE);
  }

  /** `smtpd_access_policy`; empty where it is not told. */
  get type(): string {
    return this.#bytes.toString('latin1', this.#type, this.#typeEnd);
  }

  get clientAddress(): string {
    return this.#bytes.toString('latin1', this.#address, this.#addressEnd);
  }

  get clientName(): string {
    return this.#bytes.toString('latin1', this.#name, this.#nameEnd);
  }

  get instance(): string {
    return this.#bytes.toString('latin1', this.#instance, this.#instanceEnd);
  }

  /** Of an attribute that comes twice, the last one holds. */
  #line(start: number, equals: number, end: number): void {
    switch (equals + 1 - start) {
      case REQUEST.length:
        if (!this.#begins(start, REQUEST)) break;
        this.#type = equals + 1;
        this.#typeEnd = end;
        break;
      case INSTANCE.length:
        if (!this.#begins(start, INSTANCE)) break;
        this.#instance = equals + 1;
        this.#instanceEnd = end;
        break;
      case CLIENT_NAME.length:
        if (!this.#begins(start, CLIENT_NAME)) break;
        this.#name = equals + 1;
        this.#nameEnd = end;
        break;
      case CLIENT_ADDRESS.length:
        if (!this.#begins(start, CLIENT_ADDRESS)) break;
        this.#address = equals + 1;
        this.#addressEnd = end;
        break;
    }
  }

  #begins(start: number, words: Buffer): boolean {
    for (let i = 0; i < words.length; i++) if (this.#bytes[start + i] !== words[i]) return false;
    return true;
  }
}
