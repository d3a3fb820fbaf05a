// The newest snapshot and the one before it, which takes its place where the newest is of no use.

import { link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blocks } from '../blocks/blocks.ts';
import { demandFile, isFile, snapshotIn } from './directory.ts';
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
    this.newest = snapshotIn(directory);
    this.before = join(directory, 'snapshot-before.json');
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
        blocks.loading.clear();
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
