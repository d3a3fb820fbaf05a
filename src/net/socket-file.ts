// The file of a listening unix socket: whether clients still find the server behind it, and how it goes.

import { lstatSync, renameSync } from 'node:fs';
import type { Server } from 'node:net';

export class SocketFile {
  readonly #server: Server;
  readonly #path: string;
  readonly #identity: string | undefined;

  /** @param server listens at `path` by now */
  constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
    this.#identity = identityOf(path);
  }

  /** False where the file was removed or replaced, or its directory was moved. */
  get isReachable(): boolean {
    return this.#identity !== undefined && identityOf(this.#path) === this.#identity;
  }

  /** Closes the server; connections stay. Its file goes, and no other one that bears its name by now. */
  close(): void {
    // libuv removes whatever has the name that the socket was bound to (uv__pipe_close in src/unix/pipe.c).
    const aside = `${this.#path}.${process.pid}`;
    const isOthers = !this.isReachable && renamed(this.#path, aside);
    this.#server.close();
    if (isOthers) renamed(aside, this.#path);
  }
}

/** A number of its own as long as the file is there or its socket is open: unix(7) sockets hold their inode. */
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
    // Nothing there, or a directory that is no longer ours to write: nothing that closing could remove either.
    return false;
  }
}
