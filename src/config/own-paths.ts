// Paths in policy.yml to which the daemon writes: no other file may have one, since the daemon would destroy it.

import { basename, dirname, resolve } from 'node:path';
import type { OptionNode } from './fields/fields.ts';

/** A path that policy.yml names, absolute. */
export interface NamedPath {
  readonly place: OptionNode;
  readonly path: string;
}

/** What the daemon writes to: files, and sockets in whose place it puts its own. */
const WRITTEN = ['log.', 'export[', 'listen[', 'metrics.'];
/** Files of the state directory, and beginnings of the names of their temporary and damaged copies. */
const STATE_FILES = ['snapshot.json', 'snapshot-before.json', 'audit.jsonl', 'control.sock'];

export interface OtherPaths {
  /** the state directory */
  readonly state: string;
  /** of the policy itself */
  readonly policy: string;
}

/**
 * Two spellings of one path are found, links are not: nothing here reads the disk.
 * @param wrong reports a mistake
 */
export function checkOwnPaths(
  named: readonly NamedPath[],
  { state, policy }: OtherPaths,
  wrong: (place: OptionNode, message: string) => void,
): void {
  const owners = new Map([[resolve(policy), 'this policy']]);
  for (const { place, path } of named) if (!isWritten(place)) owners.set(resolve(path), place.key);
  for (const { place, path } of named) {
    if (!isWritten(place)) continue;
    const paths = place.key.startsWith('export[') ? [path, `${path}.new`] : [path];
    const used = paths.map((one) => ownerOf(one, owners, state)).find((owner) => owner !== undefined);
    if (used !== undefined && !isShared(place, used))
      wrong(place, `${path} belongs to ${used}; expected a path of its own`);
    for (const one of paths) owners.set(resolve(one), place.key);
  }
}

function isWritten({ key }: OptionNode): boolean {
  return WRITTEN.some((option) => key.startsWith(option));
}

/** Lines of the daemon's log are appended to the mail log, as those of other programs are, and count nothing there. */
function isShared({ key }: OptionNode, owner: string): boolean {
  return key === 'log.file' && owner.startsWith('maillog');
}

function ownerOf(path: string, owners: ReadonlyMap<string, string>, state: string): string | undefined {
  const whole = resolve(path);
  const isInState = dirname(whole) === resolve(state);
  if (isInState && STATE_FILES.some((name) => basename(whole).startsWith(name))) return 'the state directory';
  return owners.get(whole);
}
