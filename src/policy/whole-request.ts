// The attributes of one complete request: located in one pass over its bytes, and decoded only on access.

import { AttributeNames } from './attributes.ts';
import { stateCodeOf } from './protocol-state.ts';
import type { PolicyRequest } from './request.ts';

const NEWLINE = 10;
const EQUALS = 61;
const TYPE = Buffer.from('smtpd_access_policy');

/** The wanted attributes, by their index in the list below. */
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

/** Valid until its bytes are overwritten. */
export class WholeRequest implements PolicyRequest {
  readonly #bytes: Buffer;
  /** start and end of each attribute's value; both 0 where Postfix did not send it */
  readonly #bounds = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The request, where these bytes are exactly one; undefined where they need a closer look. */
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

  /** Whether it has the type that Postfix sends. */
  get isPolicy(): boolean {
    const start = this.#bounds[2 * REQUEST] ?? 0;
    if ((this.#bounds[2 * REQUEST + 1] ?? 0) - start !== TYPE.length) return false;
    for (let i = 0; i < TYPE.length; i++) if (this.#bytes[start + i] !== TYPE[i]) return false;
    return true;
  }

  /** `smtpd_access_policy`; empty where it is missing. */
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

  get stateCode(): number {
    return stateCodeOf(
      this.#bytes,
      this.#bounds[2 * PROTOCOL_STATE] ?? 0,
      this.#bounds[2 * PROTOCOL_STATE + 1] ?? 0,
    );
  }

  get saslUsername(): string {
    return this.#value(SASL_USERNAME);
  }

  #value(attribute: number): string {
    return this.#bytes.toString('latin1', this.#bounds[2 * attribute], this.#bounds[2 * attribute + 1]);
  }

  /** If an attribute comes twice, the last one counts. */
  #line(start: number, equals: number, end: number): void {
    const attribute = NAMES.find(this.#bytes, start, equals);
    if (attribute < 0) return;
    this.#bounds[2 * attribute] = equals + 1;
    this.#bounds[2 * attribute + 1] = end;
  }
}
