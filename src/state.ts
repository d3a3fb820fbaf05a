// The state directory: snapshot.json and audit.jsonl, and how they go together over a crash.

import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditEntry, handChange } from './blocks/audit.ts';
import { AuditFile } from './blocks/audit-file.ts';
import type { Blocks } from './blocks/blocks.ts';
import type { Change } from './blocks/changes.ts';
import { SNAPSHOT_VERSION, SnapshotDamage, type SnapshotHead } from './blocks/snapshot.ts';
import { readSnapshot, setAside, writeSnapshot } from './blocks/snapshot-file.ts';
import { EXIT, ExitError } from './exit.ts';

/** The part of a snapshot that the rest of the daemon adds to it. */
export type Bookmark = Pick<SnapshotHead, 'log' | 'sessions' | 'texts'>;

/** What came of reading the state at start. */
export type Restored =
  | { readonly outcome: 'restored'; readonly bookmark: Bookmark; readonly written: string }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'set-aside'; readonly name: string | undefined; readonly reason: string };

export class State {
  readonly #snapshot: string;
  readonly #audit: AuditFile;

  private constructor(directory: string) {
    this.#snapshot = join(directory, 'snapshot.json');
    this.#audit = new AuditFile(join(directory, 'audit.jsonl'));
  }

  /** Makes the directory where there is none. @throws ExitError 74 where it cannot be written */
  static async open(directory: string): Promise<State> {
    const probe = join(directory, '.probe');
    try {
      await mkdir(directory, { recursive: true, mode: 0o750 });
      await (await open(probe, 'w')).close();
      await rm(probe);
    } catch (error) {
      const reason = (error as Error).message;
      throw new ExitError(EXIT.io, [`the state directory ${directory} cannot be written: ${reason}`], error);
    }
    return new State(directory);
  }

  /** Lines of the audit trail that were lost for want of room on the disk. */
  get auditDropped(): number {
    return this.#audit.dropped;
  }

  /** Fills `blocks` from the snapshot, and finds the end of the audit trail. */
  async restore(blocks: Blocks, now: number): Promise<Restored> {
    let restored: Restored = { outcome: 'none' };
    let sequence: number | undefined;
    try {
      const head = await readSnapshot(this.#snapshot, blocks);
      if (head !== undefined) {
        blocks.grants.restore(head.allowed ?? []);
        restored = { outcome: 'restored', bookmark: head, written: head.written };
        sequence = head.auditSequence;
      }
    } catch (error) {
      blocks.clear();
      const reason = (error as Error).message;
      // Without its name, where not even the rename succeeds: mail goes on all the same.
      const why = error instanceof SnapshotDamage ? error.code : 'unreadable';
      const name = await setAside(this.#snapshot, why, now).catch(() => undefined);
      restored = { outcome: 'set-aside', name, reason };
    }
    for (const entry of await this.#audit.open(sequence)) {
      const change = handChange(entry);
      if (change !== undefined) blocks.redo(change);
    }
    return restored;
  }

  /** The log has been read to its end: the audit trail and what has been read are one again. */
  settle(): void {
    this.#audit.settle();
  }

  /** The newest lines of the audit trail about these addresses or networks, newest first. */
  async history(keys: readonly string[], most: number): Promise<readonly AuditEntry[]> {
    return await this.#audit.history(keys, most);
  }

  /** Notes a change for the audit trail; `flush` writes it. @returns false where the trail has told it before a crash */
  note(change: Change, now: number): boolean {
    return change.type === 'refused' || this.#audit.add(change, now);
  }

  /** @throws the system's error; what waits goes on waiting */
  async flush(): Promise<void> {
    await this.#audit.flush();
  }

  /**
   * Writes everything as it is now. The audit trail is on disk before the snapshot that includes it.
   *
   * One at a time.
   *
   * @returns the number of clients written
   * @throws the system's error; the snapshot before is untouched
   */
  async save(blocks: Blocks, bookmark: Bookmark, now: number, signal?: AbortSignal): Promise<number> {
    const head: SnapshotHead = {
      version: SNAPSHOT_VERSION,
      written: new Date(now).toISOString(),
      auditSequence: this.#audit.settledSequence,
      allowed: blocks.grants.entries,
      ...bookmark,
    };
    return await writeSnapshot(this.#snapshot, head, blocks, { before: () => this.#audit.flush(), signal });
  }
}
