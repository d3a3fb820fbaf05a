// The state directory: snapshot.json and audit.jsonl, and how they go together over a crash.
//
// One order: a snapshot includes the mail log up to its positions and the audit trail up to its `auditSequence`, both at
// the moment at which it starts. The trail is on disk before the snapshot that includes it. At start the daemon loads the
// snapshot, applies the later lines of the trail (blocks/redo.ts), and reads the log from the positions on.

import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Blocks } from '../blocks/blocks.ts';
import { type Change, isAudited } from '../blocks/changes.ts';
import { EXIT, ExitError } from '../exit.ts';
import { fileStamp, isoText } from '../values/iso-time.ts';
import { type AuditEntry, changeOf } from './audit.ts';
import { AuditFile } from './audit-file.ts';
import { demandFile, makeDirectory, trailIn } from './directory.ts';
import { counterEntry } from './snapshot/good-line.ts';
import { SNAPSHOT_VERSION, type SnapshotHead } from './snapshot/head-tail.ts';
import { Snapshots, type Unusable } from './snapshots.ts';

/** The part of a snapshot that the rest of the daemon adds to it. */
export type Bookmark = Pick<SnapshotHead, 'log' | 'clocks' | 'numbers' | 'sessions' | 'texts' | 'sharing'>;

/** Lines of the trail applied in a step, between which verdicts are answered. */
const STEP = 250;

/** The result of reading the state at start. */
export interface Restored {
  /** the content of the snapshot besides the clients; undefined without a usable one */
  readonly bookmark: Bookmark | undefined;
  /** ISO 8601: when that snapshot was started */
  readonly written: string | undefined;
  /** the snapshot that was read */
  readonly path: string | undefined;
  /** whether that was the newest */
  readonly isNewest: boolean;
  readonly unusable: readonly Unusable[];
  /** lines of the audit trail that were applied again */
  readonly redone: readonly AuditEntry[];
}

export class State {
  readonly #directory: string;
  readonly #snapshots: Snapshots;
  /** path of the audit trail */
  readonly trail: string;
  readonly #audit: AuditFile;
  #trailSetAside: string | undefined;
  #auditTrouble: string | undefined;

  /** @param directory made and checked by openDirectory */
  constructor(directory: string) {
    this.#directory = directory;
    this.#snapshots = new Snapshots(directory);
    this.trail = trailIn(directory);
    this.#audit = new AuditFile(this.trail);
  }

  /** Lines of the audit trail that were lost because the disk was full. */
  get auditDropped(): number {
    return this.#audit.dropped;
  }

  /** The new name of what stood at the path of the audit trail and was not a file. */
  get trailSetAside(): string | undefined {
    return this.#trailSetAside;
  }

  /** Why the audit trail could not be read at start. Changes made by hand since the snapshot are not known then. */
  get auditTrouble(): string | undefined {
    return this.#auditTrouble;
  }

  /**
   * Fills `blocks` from the newest readable snapshot and the later lines of the trail. Without a snapshot, it reads the
   * trail alone, rotated files included. Damage in them is reported, not thrown.
   * @throws the reason of `signal` once it is given; nothing has changed on disk then
   */
  async restore(blocks: Blocks, now: number, signal?: AbortSignal): Promise<Restored> {
    const { head, path, unusable } = await this.#snapshots.read(blocks, now, signal);
    if (head !== undefined) blocks.loading.allowEntries(head.allowed ?? [], head.allowedBefore ?? []);
    if (head?.breaker !== undefined) blocks.loading.breaker(head.breaker);
    const redone = await this.#openTrail(head?.auditSequence, now);
    for (const [i, entry] of redone.entries()) {
      const change = changeOf(entry);
      if (change !== undefined) blocks.redo(change);
      if (i % STEP === STEP - 1) await setImmediate();
    }
    const isNewest = path === this.#snapshots.newest;
    return { bookmark: head, written: head?.written, path, isNewest, unusable, redone };
  }

  /**
   * What is damaged leaves the service starting.
   * @throws ExitError 74 where the trail is somebody else's: the administrator, who starts the daemon, can set it right
   */
  async #openTrail(sequence: number | undefined, now: number): Promise<readonly AuditEntry[]> {
    try {
      await demandFile(this.trail).catch(() => this.#setTrailAside(now));
      return await this.#audit.open(sequence);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM')
        throw new ExitError(EXIT.io, [`${this.trail} cannot be used: ${message}`], error);
      this.#auditTrouble = message;
      return [];
    }
  }

  /** Under a name that no rotated trail has: it is not to be read. */
  async #setTrailAside(now: number): Promise<void> {
    this.#trailSetAside = join(dirname(this.trail), `foreign-${fileStamp(now)}-audit.jsonl`);
    await rename(this.trail, this.#trailSetAside);
  }

  /** The newest lines of the audit trail about these addresses or networks, newest first. */
  async history(keys: readonly string[], most: number): Promise<readonly AuditEntry[]> {
    return await this.#audit.history(keys, most);
  }

  /**
   * Notes a change for the audit trail; `flush` writes it.
   * @param host that made the change; undefined for this one
   */
  note(change: Change, now: number, host?: string): void {
    if (isAudited(change)) this.#audit.add(change, now, host);
  }

  /** Number of the last line of the audit trail. */
  get sequence(): number {
    return this.#audit.sequence;
  }

  /** The lines of the audit trail after a number, the oldest first; those on disk only. */
  async entriesAfter(sequence: number): Promise<readonly AuditEntry[]> {
    return await this.#audit.entriesAfter(sequence);
  }

  /** @throws the system's error; what waits goes on waiting */
  async flush(): Promise<void> {
    try {
      await this.#audit.flush();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // Somebody removed the directory.
      await makeDirectory(this.#directory);
      await this.#audit.flush();
    }
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
    const breaker = blocks.breaker.saved;
    const head: SnapshotHead = {
      version: SNAPSHOT_VERSION,
      written: isoText(now),
      auditSequence: this.#audit.sequence,
      allowed: blocks.allowEntries.saved,
      allowedBefore: blocks.allowEntries.savedEnded,
      goodCounters: blocks.good.savedCounters.map(counterEntry),
      ...(breaker && { breaker }),
      ...bookmark,
    };
    // The walks over the clients begin within this call: nothing may come between it and the bookmark.
    return await this.#snapshots.write(head, blocks, {
      prepare: () => makeDirectory(this.#directory),
      before: () => this.flush(),
      signal,
    });
  }
}
