// A watch on a log file and its directories, through inotify(7).

import { type FSWatcher, watch } from 'node:fs';
import { realpath, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Watch } from './source.ts';

/**
 * Types of local file systems (linux/magic.h): ext2 to ext4, XFS, Btrfs, tmpfs, ramfs, F2FS, overlayfs, bcachefs, and ZFS.
 * Others are polled. inotify(7) does not report what other hosts write to a network file system, and to look up a path
 * on one can block the caller, who also gives the verdicts.
 */
const LOCAL: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x858458f6, 0xf2f52010, 0x794c7630, 0xca451a4e, 0x2fc12fc1,
]);
/** Writes to other files of a directory that a watch passes over: each one costs time, and anyone may write there. */
const MAX_OTHERS = 100;

/**
 * Watches the open file, whatever its name is, and the directories of the log, where rotation shows. A replaced parent
 * of these directories is not seen.
 *
 * @param descriptor of the open file; undefined where none is open
 * @param changed called on each change, and where the watch can no longer tell
 * @returns undefined where the log cannot be watched: the file system is not local, the system's limit is reached
 *   (fs.inotify.max_user_watches, max_user_instances), or a directory is missing or not readable
 */
export async function watchFile(
  path: string,
  descriptor: number | undefined,
  changed: () => void,
): Promise<Watch | undefined> {
  // The log can be a link, which is switched in one directory, to a file that is rotated in another.
  const target = await realpath(path).catch(() => path);
  const directories = [...new Set([dirname(path), dirname(target)])];
  const files = descriptor === undefined ? [] : [`/proc/self/fd/${descriptor}`];
  const areLocal = await Promise.all([...directories, ...files].map(isLocal));
  if (areLocal.includes(false)) return undefined;
  const watchers: FSWatcher[] = [];
  const close = () => {
    for (const watcher of watchers) watcher.close();
  };
  const names = new Set([basename(path), basename(target)]);
  try {
    for (const directory of directories) watchers.push(watch(directory, otherThan(names, changed)));
    for (const file of files) watchers.push(watch(file, changed));
  } catch {
    close();
    return undefined;
  }
  for (const watcher of watchers) watcher.on('error', changed);
  return { close };
}

/** A listener for a directory: passes on what concerns the log, and of the rest as little as must be. */
function otherThan(
  names: ReadonlySet<string>,
  changed: () => void,
): (type: string, name: string | null) => void {
  let others = 0;
  return (type, name) => {
    // `rename`: a file was created, removed or renamed, or the directory itself was.
    const isLog = type === 'rename' || name === null || names.has(name);
    if (isLog || ++others > MAX_OTHERS) changed();
  };
}

async function isLocal(path: string): Promise<boolean> {
  return await statfs(path).then(
    ({ type }) => LOCAL.has(type),
    () => false,
  );
}
