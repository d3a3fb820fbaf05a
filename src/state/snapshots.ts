// The newest snapshot and the one before it, which takes its place where the newest is of no use.

import { link, lstat, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blocks } from '../blocks/blocks.ts';
import type { BlockTerm } from '../blocks/table/block.ts';
import type { ShortKey } from '../blocks/table/key-words.ts';
import { readBlockedPart } from './snapshot/blocked-part.ts';
import { SnapshotDamage } from './snapshot/damage.ts';
import { readSnapshot, setAside, type WriteOptions, writeSnapshot } from './snapshot/file.ts';
import type { SnapshotHead } from './snapshot/head-tail.ts';

/** A snapshot of no use. */
export interface Unusable {
  /** where it lies now; undefined where not even the rename succeeded: mail goes on all the same */
  readonly name: string | undefined;
  readonly reason: string;
}

export interface ReadSnapshot {
  /** undefined if no snapshot is usable */
  readonly head: SnapshotHead | undefined;
  readonly path: string | undefined;
  readonly unusable: readonly Unusable[];
}

export class Snapshots {
  readonly newest: string;
  readonly before: string;

  /** @param directory of the state */
  constructor(directory: string) {
    this.newest = join(directory, 'snapshot.json');
    this.before = join(directory, 'snapshot-before.json');
  }

  /**
   * Reads the blocked part of the newest snapshot.
   * @returns the head; undefined where that part cannot be relied on, and `take` took nothing of worth
   */
  async readBlocked(take: (key: ShortKey, block: BlockTerm) => void): Promise<SnapshotHead | undefined> {
    try {
      await demandFile(this.newest);
      return readBlockedPart(this.newest, take);
    } catch {
      // The reading of the whole reports it.
      return undefined;
    }
  }

  /**
   * Fills `blocks` from the newest usable snapshot, and sets unusable ones aside.
   * @throws the reason of `signal` once it is given: nothing is set aside then
   */
  async read(blocks: Blocks, now: number, signal?: AbortSignal): Promise<ReadSnapshot> {
    const unusable: Unusable[] = [];
    for (const path of [this.newest, this.before]) {
      try {
        await demandFile(path);
        const head = await readSnapshot(path, blocks, { signal });
        if (head !== undefined) return { head, path, unusable };
      } catch (error) {
        signal?.throwIfAborted();
        blocks.clear();
        const why = error instanceof SnapshotDamage ? error.code : 'unreadable';
        const name = await setAside(path, why, now).catch(() => undefined);
        unusable.push({ name, reason: (error as Error).message });
      }
    }
    return { head: undefined, path: undefined, unusable };
  }

  /**
   * Writes a snapshot, and keeps the one that was the newest.
   *
   * @returns the number of clients written
   * @throws the system's error; the snapshots that were there are untouched then
   */
  async write(head: SnapshotHead, blocks: Blocks, options: WriteOptions): Promise<number> {
    const before = async () => {
      await options.before?.();
      await this.#keep();
    };
    return await writeSnapshot(this.newest, head, blocks, { ...options, before });
  }

  /** There is a newest snapshot at any moment, where the file system has hard links. */
  async #keep(): Promise<void> {
    if (!(await isFile(this.newest))) return;
    const fresh = `${this.before}.new`;
    await rm(fresh, { force: true });
    try {
      await link(this.newest, fresh);
      await rename(fresh, this.before);
      // Where both were one file already, the rename did nothing (rename(2)).
      await rm(fresh, { force: true });
    } catch {
      await rename(this.newest, this.before);
    }
  }
}

/** What is read must be a file of this directory: not a link out of it, and not a pipe that never ends. */
export async function demandFile(path: string): Promise<void> {
  if ((await isFile(path)) === false) throw new Error(`${path} is not a plain file`);
}

/** @returns undefined where there is nothing of this name */
async function isFile(path: string): Promise<boolean | undefined> {
  const facts = await lstat(path).catch(() => undefined);
  return facts?.isFile();
}
