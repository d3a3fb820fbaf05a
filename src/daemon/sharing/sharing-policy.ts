// What several hosts share by policy.yml: opened at the start, and again where a reload names another server.

import { hostname } from 'node:os';
import type { Blocks } from '../../blocks/blocks.ts';
import type { AuditedChange } from '../../blocks/changes.ts';
import type { Config } from '../../config/config.ts';
import type { ShareSpec } from '../../config/fields/share-fields.ts';
import { failureText } from '../../config/named-file.ts';
import { readShareFiles } from '../../config/share-files.ts';
import type { SeenByHost } from '../../desk/answers.ts';
import type { Desk, SharedDesk } from '../../desk/desk.ts';
import { seenBy } from '../../desk/elsewhere.ts';
import { foundElsewhere, MAX_FOUND, MAX_NAMED } from '../../desk/find/elsewhere.ts';
import { EXIT, ExitError } from '../../exit.ts';
import type { Health } from '../../health/health.ts';
import type { MergedLog } from '../../maillog/sources/merge.ts';
import type { LogSource, Notice } from '../../maillog/sources/source.ts';
import type { SavedSharing } from '../../sharing/saved-sharing.ts';
import type { HostReport, SharedStore, StoreListener, StoreSpec } from '../../sharing/shared-store.ts';
import { Sharing } from '../../sharing/sharing.ts';
import type { Bookmark, State } from '../../state/state.ts';
import { SECOND } from '../../values/duration.ts';
import { isoText } from '../../values/iso-time.ts';
import type { DaemonLog } from '../log/log.ts';

/** What can keep a host from sharing. */
const TROUBLES = ['share-down', 'share-host-taken', 'share-clock', 'share-behind'] as const;

/** Makes the connection to the server; what it reports goes to the listener. */
type OpenStore = (listener: StoreListener) => SharedStore;

/** What the support desk asks of all hosts. */
export function sharedDesk(sharing: Sharing, state: Pick<State, 'sequence'>): SharedDesk {
  return {
    get sequence() {
      return state.sequence;
    },
    async confirmed(after) {
      const { isSent, asked, missing } = await sharing.confirmed(after);
      return { sent: isSent, asked: asked.length, missing: missing.slice(0, MAX_NAMED) };
    },
    async hosts() {
      const hosts = await sharing.gathering.hosts();
      return hosts.map(
        ({ host, version: release, digest: rules, seen, lag, sends = null, backlog = null }) => ({
          host,
          release,
          rules,
          seen: isoText(seen),
          lag: Math.round(lag / SECOND),
          sends,
          backlog,
        }),
      );
    },
    async seen(ip) {
      const { answers, missing, reports } = await sharing.gathering.ask({ ip });
      const seen = [...answers].flatMap(([host, answer]) => seenBy(host, answer) ?? []);
      return {
        seen: seen.filter(hasSeenAny),
        missing: missing.slice(0, MAX_NAMED),
        behind: reports
          .filter(isBehind)
          .slice(0, MAX_NAMED)
          .map(({ host, backlog = null }) => ({ host, backlog })),
      };
    },
    async found(text, limit) {
      const question = { find: text, limit: Math.min(limit, MAX_FOUND) };
      const { answers, missing } = await sharing.gathering.ask(question);
      return foundElsewhere(answers, missing, limit);
    },
  };
}

function hasSeenAny({ counts, refused, evidence }: SeenByHost): boolean {
  return counts.length + refused + evidence.length > 0;
}

function isBehind({ sends = 'live' }: HostReport): boolean {
  return sends !== 'live';
}

/** The parts of the daemon that sharing needs. */
export interface SharedHostsParts {
  readonly version: string;
  readonly blocks: Blocks;
  readonly desk: Pick<Desk, 'answerHost'>;
  readonly state: Pick<State, 'flush' | 'sequence' | 'entriesAfter'>;
  readonly mergedLog: Pick<MergedLog, 'numbers' | 'time'>;
  readonly health: Pick<Health, 'beside'>;
  readonly follower: {
    /** The same sources as those that are followed, to be read a second time. */
    openAgain(notify: (notice: Notice) => void): Promise<readonly LogSource[]>;
  };
  readonly policy: { readonly config: Pick<Config, 'shareState'> };
  readonly traffic: { fault(where: string, error: unknown): void };
  readonly log: Pick<DaemonLog, 'report'>;
  /** A change of another host, or a decision of the server, was applied. */
  applied(change: AuditedChange, host: string): void;
}

export class SharingPolicy {
  readonly #parts: SharedHostsParts;
  readonly #clock: () => number;
  #sharing: Sharing | undefined;
  /** as text: how the server was reached */
  #opened = '';

  /** @param clock ms since 1970 */
  constructor(parts: SharedHostsParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** Undefined where policy.yml names no server. */
  get sharing(): Sharing | undefined {
    return this.#sharing;
  }

  /**
   * Shares by the policy of now, from the first `Sharing.start` on.
   * @throws ExitError 78 where a file that the option names cannot be used
   */
  async open(): Promise<void> {
    const store = await openedStore(this.#parts.policy.config.shareState);
    this.#opened = store?.spec ?? '';
    this.#sharing = store && sharingOf(this.#parts, store, this.#clock);
  }

  /**
   * Takes up the policy of a reload: build, then commit. Where a file of the new server cannot be used, the one from before
   * stays.
   *
   * @param bookmark gives where the log is read now
   */
  async adopt(bookmark: () => Bookmark): Promise<void> {
    const { policy, log, blocks } = this.#parts;
    let store: OpenedStore | undefined;
    try {
      store = await openedStore(policy.config.shareState);
    } catch (error) {
      log.report({ event: 'share-state-unchanged', reason: (error as Error).message.replaceAll('\n', '; ') });
      this.#sharing?.adopt(blocks.terms);
      return;
    }
    if ((store?.spec ?? '') === this.#opened) this.#sharing?.adopt(blocks.terms);
    else await this.#replace(store, bookmark);
  }

  async #replace(store: OpenedStore | undefined, bookmark: () => Bookmark): Promise<void> {
    const before = this.#sharing;
    // It gives its name up before the next one takes it; what is read meanwhile lies behind its checkpoint.
    await before?.stop();
    this.#opened = store?.spec ?? '';
    const now = bookmark();
    const saved = before?.bookmark(now);
    this.#sharing = store && sharingOf(this.#parts, store, this.#clock);
    this.#sharing?.start(store?.host === before?.host ? saved : underNewName(saved), now);
    if (store === undefined) this.#end();
  }

  /** Each host is alone again. */
  #end(): void {
    const { blocks, health } = this.#parts;
    blocks.shared = { isOn: false, decides: false };
    for (const name of TROUBLES) health.beside(name, undefined, this.#clock());
  }
}

/** Under another name, an event that the server has counted would count again: sending begins at what is read now. */
function underNewName(saved: SavedSharing | undefined): SavedSharing | undefined {
  if (saved === undefined) return undefined;
  const { checkpoint: _, backlog: __, ...rest } = saved;
  return rest;
}

/** How a server is reached. */
interface OpenedStore {
  /** name of this host */
  readonly host: string;
  /** all that it is reached by, with the content of files: two that are the same are reached in the same way */
  readonly spec: string;
  readonly open: OpenStore;
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
      trouble: (name, reason) => health.beside(name, reason, clock()),
      answer: (question) => desk.answerHost(question, clock()),
      fault: (error) => traffic.fault('sharing', error),
      notUnderstood: (changes) => log.report({ event: 'share-not-understood', changes }),
      setAside: (key, name) => log.report({ event: 'share-key-set-aside', key, name }),
      clock,
    },
    blocks.terms,
  );
}

/**
 * Reads the files that the option names, and loads the client of the server; undefined where no server is named.
 * @throws ExitError 78 where a file cannot be used
 */
async function openedStore(share: ShareSpec | undefined): Promise<OpenedStore | undefined> {
  if (share === undefined) return undefined;
  const { passwordFile, sentinelPasswordFile, caFile, host = hostname(), ...rest } = share;
  const { failures, ...read } = await readShareFiles({ passwordFile, sentinelPasswordFile, caFile });
  if (failures.length > 0) throw new ExitError(EXIT.config, failures.map(failureText));
  const spec: StoreSpec = { ...rest, ...read, host };
  // The client takes longer to load than all of the daemon: only those wait for it who use it.
  const { ServerStore } = await import('../../sharing/server/server-store.ts');
  return { host, spec: JSON.stringify(spec), open: (listener) => new ServerStore(spec, listener) };
}
