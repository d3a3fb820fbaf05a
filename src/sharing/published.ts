// Which changes of this host go to the others.

import type { AuditedChange } from '../blocks/changes.ts';
import { shardOf } from './shard.ts';
import { COMMON } from './shared-store.ts';

/**
 * Ends by time, by a policy or by lack of room are each host's own, and so are watched blocks. A client is spared by the
 * server, or by the counts of one host alone.
 */
export function isPublished(change: AuditedChange): boolean {
  switch (change.type) {
    case 'block':
      return change.enforced;
    case 'end':
      return change.enforced && change.reason === 'lifted';
    case 'disallow':
      // An entry that expires does so on each host.
      return change.hand !== undefined;
    case 'spared':
      return false;
    default:
      return true;
  }
}

/** The shard in whose stream a change stands. */
export function shardOfChange({ type, ip }: AuditedChange): number {
  return type === 'allow' || type === 'disallow' || type === 'breaker' ? COMMON : shardOf(ip);
}
