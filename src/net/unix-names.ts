// The names of bound unix sockets. Node does not say to which path a socket that it did not open is bound.

import { fstatSync, readFileSync } from 'node:fs';

/** The path of a unix socket; undefined for another one, and without /proc. */
export function unixPath(fd: number): string | undefined {
  try {
    return pathOf(readFileSync('/proc/net/unix', 'utf8'), fstatSync(fd).ino);
  } catch {
    return undefined;
  }
}

/** @param table /proc/net/unix of proc(5): Num RefCount Protocol Flags Type St Inode Path; @param inode of the socket */
export function pathOf(table: string, inode: number): string | undefined {
  for (const line of table.split('\n').slice(1)) {
    // The path comes last, and may have spaces. A line without one is of a socket without a name.
    const start = line.indexOf(' /');
    if (start >= 0 && line.slice(0, start).endsWith(` ${inode}`)) return line.slice(start + 1);
  }
  return undefined;
}
