// The file of a listening unix socket: whether it still leads to its server, and its removal.

import { lstatSync, renameSync } from 'node:fs';
import type { Server } from 'node:net';

export class SocketFile {
  readonly #server: Server;
  readonly #path: string;
  readonly #identity: string | undefined;

  /** @param server listens on `path` */
  constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
    this.#identity = identityOf(path);
  }

  /** False where the file was removed or replaced, or its directory was moved. */
  get isReachable(): boolean {
    return this.#identity !== undefined && identityOf(this.#path) === this.#identity;
  }

  /** Closes the server; connections stay. Removes its own file, and never another one that now has this name. */
  close(): void {
    // libuv removes any file with the name that the socket was bound to (uv__pipe_close in src/unix/pipe.c).
    const aside = `${this.#path}.${process.pid}`;
    const isOthers = !this.isReachable && renamed(this.#path, aside);
    this.#server.close();
    if (isOthers) renamed(aside, this.#path);
  }
}

/** Unique as long as the file exists or its socket is open: unix(7) sockets keep their inode. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    // The file does not exist, or we may not write to the directory: closing cannot remove anything either.
    return false;
  }
}
