// The shard of a client: the part of the server that counts it, the same on every host and in every release.

import type { AuditedChange } from '../blocks/changes.ts';
import { COMMON, SHARDS } from './shared-store.ts';

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** @param key of a client: see clientKey */
export function shardOf(key: string): number {
  let hash = BASIS;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), PRIME);
  // The low bits of FNV mix worst.
  return ((hash >>> 16) ^ hash) & (SHARDS - 1);
}

/** The shard in whose stream a change stands. */
export function shardOfChange({ type, ip }: AuditedChange): number {
  return type === 'allow' || type === 'disallow' || type === 'breaker' ? COMMON : shardOf(ip);
}
