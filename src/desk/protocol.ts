// The control protocol: one line of JSON each way over a unix socket, versioned and bounded.

import {
  isRequestName,
  REQUEST_TYPES,
  type RequestName,
  type RequestValues,
} from '../cli/reference/table.ts';

/** Raised when an older side could misread the other. */
export const CONTROL_VERSION = 1;
/** Bytes of a request; an answer is bounded by what it holds. */
export const MAX_REQUEST = 1 << 16;

/** What a command asks; ms for a duration. The table of commands says which fields each request has. */
export interface RequestBody extends RequestValues {
  readonly command: RequestName;
}

export interface ControlRequest extends RequestBody {
  readonly version: number;
}

export type ErrorCode =
  | 'bad-request'
  | 'bad-ip'
  | 'unknown-rule'
  | 'already-blocked'
  | 'not-blocked'
  | 'not-allowed'
  | 'not-open'
  | 'too-many'
  | 'busy'
  | 'not-recorded'
  | 'not-shared'
  | 'starting';

export type ControlReply =
  | { readonly version: number; readonly ok: true; readonly answer: unknown }
  | { readonly version: number; readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** A request that is refused, with a code that a command turns into its exit status. */
export class DeskError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws DeskError if it is not a request of this version */
export function parseRequest(line: string): ControlRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new DeskError('bad-request', 'not JSON');
  }
  if (typeof value !== 'object' || value === null) throw new DeskError('bad-request', 'not a request');
  const request = value as Record<string, unknown>;
  if (request.version !== CONTROL_VERSION) {
    const version = typeof request.version === 'number' ? `version ${request.version}` : 'no version';
    throw new DeskError('bad-request', `${version}; this daemon speaks ${CONTROL_VERSION}`);
  }
  for (const [name, type] of Object.entries(REQUEST_TYPES)) {
    const found = request[name];
    if (found !== undefined && typeof found !== type)
      throw new DeskError('bad-request', `${name} is not a ${type}`);
  }
  if (typeof request.command !== 'string') throw new DeskError('bad-request', 'no command');
  if (!isRequestName(request.command))
    throw new DeskError('bad-request', `unknown command ${JSON.stringify(request.command.slice(0, 40))}`);
  return request as unknown as ControlRequest;
}
