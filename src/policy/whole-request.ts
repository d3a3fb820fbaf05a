// The attributes of one whole request: found by one look at each byte, and read where they are asked for.

import { AttributeNames } from './attributes.ts';
import type { PolicyRequest } from './request.ts';

const NEWLINE = 10;
const EQUALS = 61;
const TYPE = Buffer.from('smtpd_access_policy');

/** The attributes that are read, by their places in the list below. */
const REQUEST = 0;
const CLIENT_ADDRESS = 1;
const CLIENT_NAME = 2;
const INSTANCE = 3;
const PROTOCOL_STATE = 4;
const SASL_USERNAME = 5;
const NAMES = new AttributeNames([
  'request',
  'client_address',
  'client_name',
  'instance',
  'protocol_state',
  'sasl_username',
]);

/** Valid as long as nobody writes to its bytes. */
export class WholeRequest implements PolicyRequest {
  readonly #bytes: Buffer;
  /** of each attribute, where its value begins and ends; both 0 where Postfix did not send it */
  readonly #places = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

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
    const start = this.#places[2 * REQUEST] ?? 0;
    if ((this.#places[2 * REQUEST + 1] ?? 0) - start !== TYPE.length) return false;
    for (let i = 0; i < TYPE.length; i++) if (this.#bytes[start + i] !== TYPE[i]) return false;
    return true;
  }

  /** `smtpd_access_policy`; empty where it is not told. */
  get type(): string {
    return this.#value(REQUEST);
  }

  get clientAddress(): string {
    return this.#value(CLIENT_ADDRESS);
  }

  get clientName(): string {
    return this.#value(CLIENT_NAME);
  }

  get instance(): string {
    return this.#value(INSTANCE);
  }

  get protocolState(): string {
    return this.#value(PROTOCOL_STATE);
  }

  get saslUsername(): string {
    return this.#value(SASL_USERNAME);
  }

  #value(attribute: number): string {
    return this.#bytes.toString('latin1', this.#places[2 * attribute], this.#places[2 * attribute + 1]);
  }

  /** Of an attribute that comes twice, the last one holds. */
  #line(start: number, equals: number, end: number): void {
    const attribute = NAMES.find(this.#bytes, start, equals);
    if (attribute < 0) return;
    this.#places[2 * attribute] = equals + 1;
    this.#places[2 * attribute + 1] = end;
  }
}
