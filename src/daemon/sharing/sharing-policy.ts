// What several hosts share by policy.yml: opened at the start, and again where a reload names another server.

import type { Blocks } from '../../blocks/blocks.ts';
import type { AuditedChange } from '../../blocks/changes.ts';
import type { Config } from '../../config/config.ts';
import type { Desk } from '../../desk/desk.ts';
import type { PartTroubles } from '../../health/part-troubles.ts';
import type { MergedLog } from '../../maillog/sources/merge.ts';
import type { LogSource, Notice } from '../../maillog/sources/source.ts';
import type { SavedSharing } from '../../sharing/saved-sharing.ts';
import { Sharing } from '../../sharing/sharing.ts';
import type { Bookmark, State } from '../../state/state.ts';
import type { DaemonLog } from '../log/log.ts';
import { type OpenedStore, openedStore } from './opened-store.ts';

/** What can keep a host from sharing. */
const TROUBLES = ['share-down', 'share-host-taken', 'share-clock', 'share-behind'] as const;

/** The parts of the daemon that sharing needs. */
export interface SharedHostsParts {
  readonly version: string;
  readonly blocks: Blocks;
  readonly desk: Pick<Desk, 'answerHost'>;
  readonly state: Pick<State, 'flush' | 'sequence' | 'entriesAfter'>;
  readonly mergedLog: Pick<MergedLog, 'numbers' | 'time'>;
  readonly health: { readonly parts: Pick<PartTroubles, 'trouble'> };
  readonly follower: {
    /** The same sources as those that are followed, to be read a second time. */
    openAgain(notify: (notice: Notice) => void): Promise<readonly LogSource[]>;
  };
  readonly policy: { readonly config: Pick<Config, 'shareState'> };
  readonly traffic: { fault(where: string, error: unknown): void };
  readonly log: Pick<DaemonLog, 'report'>;
  /** Set here; undefined where policy.yml names no server. */
  readonly optional: { sharing: Sharing | undefined };
  /** A change of another host, or a decision of the server, was applied. */
  applied(change: AuditedChange, host: string): void;
}

export class SharingPolicy {
  readonly #parts: SharedHostsParts;
  readonly #clock: () => number;
  /** as text: how the server was reached */
  #opened = '';

  /** @param clock ms since 1970 */
  constructor(parts: SharedHostsParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /**
   * Shares by the policy of now, from the first `Sharing.start` on.
   * @throws ExitError 78 where a file that the option names cannot be used
   */
  async open(): Promise<void> {
    const store = await openedStore(this.#parts.policy.config.shareState);
    this.#opened = store?.spec ?? '';
    this.#parts.optional.sharing = store && sharingOf(this.#parts, store, this.#clock);
  }

  /**
   * Takes up the policy of a reload: build, then commit. Where a file of the new server cannot be used, the one from before
   * stays.
   *
   * @param bookmark gives where the log is read now
   */
  async adopt(bookmark: () => Bookmark): Promise<void> {
    const { policy, log, blocks, optional } = this.#parts;
    let store: OpenedStore | undefined;
    try {
      store = await openedStore(policy.config.shareState);
    } catch (error) {
      log.report({ event: 'share-state-unchanged', reason: (error as Error).message.replaceAll('\n', '; ') });
      optional.sharing?.adopt(blocks.terms);
      return;
    }
    if ((store?.spec ?? '') === this.#opened) optional.sharing?.adopt(blocks.terms);
    else await this.#replace(store, bookmark);
  }

  async #replace(store: OpenedStore | undefined, bookmark: () => Bookmark): Promise<void> {
    const { optional } = this.#parts;
    const before = optional.sharing;
    // It gives its name up before the next one takes it; what is read meanwhile lies behind its checkpoint.
    await before?.stop();
    this.#opened = store?.spec ?? '';
    const now = bookmark();
    const saved = before?.bookmark(now);
    optional.sharing = store && sharingOf(this.#parts, store, this.#clock);
    optional.sharing?.start(store?.host === before?.host ? saved : underNewName(saved), now);
    if (store === undefined) this.#end();
  }

  /** Each host is alone again. */
  #end(): void {
    const { blocks, health } = this.#parts;
    blocks.shared = { isOn: false, decides: false };
    for (const name of TROUBLES) health.parts.trouble(name, undefined, this.#clock());
  }
}

/** Under another name, an event that the server has counted would count again: sending begins at what is read now. */
function underNewName(saved: SavedSharing | undefined): SavedSharing | undefined {
  if (saved === undefined) return undefined;
  const { checkpoint: _, backlog: __, ...rest } = saved;
  return rest;
}

/** Shares on a server. @param clock ms since 1970 */
function sharingOf(parts: SharedHostsParts, { host, open }: OpenedStore, clock: () => number): Sharing {
  const { version, blocks, desk, state, mergedLog, health, follower, traffic, log, applied } = parts;
  return new Sharing(
    {
      host,
      version,
      blocks,
      state,
      open,
      openSources: (notify) => follower.openAgain(notify),
      numbers: () => mergedLog.numbers,
      lag: () => Math.max(0, clock() - mergedLog.time),
      applied,
      trouble: (name, reason) => health.parts.trouble(name, reason, clock()),
      answer: (question) => desk.answerHost(question, clock()),
      fault: (error) => traffic.fault('sharing', error),
      notUnderstood: (changes) => log.report({ event: 'share-not-understood', changes }),
      setAside: (key, name) => log.report({ event: 'share-key-set-aside', key, name }),
      clock,
    },
    blocks.terms,
  );
}
