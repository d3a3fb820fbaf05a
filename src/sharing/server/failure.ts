// Why a call of the server failed, by what the server or the system says.

import { StoreError, type StoreFailure } from '../shared-store.ts';

/** Words of error replies (Redis and Valkey: server.c, script.c, networking.c, cluster.c), in some behind those of a script. */
const REPLIES: readonly (readonly [words: readonly string[], failure: StoreFailure])[] = [
  [['OOM '], 'full'],
  [['READONLY ', 'MISCONF ', 'NOREPLICAS '], 'read-only'],
  [['LOADING ', 'MASTERDOWN ', 'CLUSTERDOWN ', 'TRYAGAIN ', 'max number of clients'], 'unreachable'],
  [['BUSY '], 'slow'],
];

/** Codes of the system that time does not mend: a socket that may not be used, a name in a form that no server has. */
const WRONG_CODES = new Set(['EACCES', 'EPERM', 'ERR_SOCKET_BAD_PORT', 'ERR_INVALID_URL', 'EPROTO']);
/** Of OpenSSL and of Node's check of the name, for a certificate that is not trusted. */
const CERTIFICATE = ['CERT', 'SELF_SIGNED', 'UNABLE_TO_', 'ERR_TLS', 'ERR_SSL', 'ERR_OSSL'];
const MAX_REASON = 300;

/** The error as a StoreError. Replies of the server are what `isReply` says. */
export function storeErrorOf(error: unknown, isReply: (error: unknown) => boolean): StoreError {
  if (error instanceof StoreError) return error;
  const message = reasonOf(error);
  const failure = isReply(error) ? failureOfReply(message) : failureOfCode(codeOf(error));
  return new StoreError(failure, message, { cause: error });
}

function failureOfReply(message: string): StoreFailure {
  return REPLIES.find(([words]) => isIn(message, words))?.[1] ?? 'wrong';
}

function failureOfCode(code: string): StoreFailure {
  return WRONG_CODES.has(code) || isIn(code, CERTIFICATE) ? 'wrong' : 'unreachable';
}

function isIn(text: string, words: readonly string[]): boolean {
  return words.some((word) => text.includes(word));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reasonOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const text = inner instanceof Error ? inner.message || codeOf(inner) : String(inner);
  return text.slice(0, MAX_REASON);
}
