// What hosts keep in common on a server: counts, blocks and the changes that each host must hear of.

import type { AuditedChange } from '../blocks/changes.ts';
import type { ShareSpec } from '../config/fields/share-fields.ts';

/** Shards of clients: each has its own keys in one slot of a cluster, and its own stream of changes. */
export const SHARDS = 64;
/** The shard of what concerns no single client: allow entries, the breaker, the hosts. */
export const COMMON = SHARDS;
/** Events in one call. */
export const MAX_BATCH = 64;

/** Where and how the server is reached. Secrets are read from their files before. */
export interface StoreSpec extends Omit<ShareSpec, 'host' | `${string}File`> {
  /** `redis://`, `rediss://`, or `unix://` and the path of a socket */
  readonly urls: readonly string[];
  readonly password?: string | undefined;
  readonly sentinelPassword?: string | undefined;
  /** PEM: certificates of the authorities that may sign the server's, instead of the system's */
  readonly ca?: string | undefined;
  /** name of this host, unique among all hosts */
  readonly host: string;
}

/** The rules by which the server counts. Hosts with the same digest count together. */
export interface SharedRules {
  /** of all that decides on a count: rules, and the prefixes that make one client */
  readonly digest: string;
  readonly rules: readonly SharedRule[];
}

export interface SharedRule {
  readonly name: string;
  /** bit set of codes (blocks/events/codes.ts) */
  readonly mask: number;
  readonly limit: number;
  /** ms */
  readonly within: number;
  /** ms */
  readonly blockFor: number;
  /** 0 to 1 */
  readonly share: number;
  readonly sort: 'recipients' | 'messages' | 'connections' | 'logins' | undefined;
  readonly forgives: boolean;
  readonly repeat?: { readonly within: number; readonly factor: number; readonly most: number } | undefined;
}

/** An event as the server counts it. Times in ms since 1970. */
export type SharedEvent = {
  /** client key (values/address.ts) */
  readonly key: string;
  readonly at: number;
  /** of its source: see maillog/sources/numbering.ts */
  readonly number: number;
} & (
  | { readonly type: 'abuse'; readonly code: number; readonly user?: number | undefined }
  | { readonly type: 'message'; readonly recipients: number }
  | { readonly type: 'login'; readonly user?: number | undefined }
  | { readonly type: 'connection' }
);

/** Events of one source and one shard, in the order of their numbers. */
export interface Batch {
  readonly shard: number;
  readonly source: string;
  /** names the numbering of the source */
  readonly since: string;
  readonly events: readonly SharedEvent[];
  /**
   * Events up to this number were read before the server lost what it held: most count again, and no block starts with
   * them, as what the client did well on another host may still be missing. The next event of the client finds its limit
   * reached.
   */
  readonly repeatedTo?: number;
  /** Names what the server holds, by the last report: a shard that was emptied since then counts nothing. undefined: any. */
  readonly generation?: string | undefined;
  /** The highest number that the server has acknowledged. Where it knows a lower one only, it has lost writes, and counts nothing. */
  readonly acknowledged?: number;
  /** ms; when the breaker of this host opened: clients in good standing, now or then, are spared. undefined: it is closed */
  readonly breakerOpened: number | undefined;
}

export interface Counted {
  /** the highest number of this numbering that the server had applied before; 0 for none. Lower than known: it lost writes */
  readonly before: number;
  /** The shard was emptied: it holds another generation, and has counted nothing. */
  readonly isEmptied?: boolean;
}

/** A change with the host that made it. */
export interface SharedChange {
  readonly host: string;
  readonly change: AuditedChange;
}

/** An entry of a shard's stream. */
export interface StreamEntry extends SharedChange {
  /** of the server: rises within a stream */
  readonly id: string;
}

/** A part of a shard's stream. */
export interface StreamPart {
  readonly entries: readonly StreamEntry[];
  /** false: entries before these were trimmed, perhaps; read all that the shard knows */
  readonly isComplete: boolean;
  /** the ID to go on after: that of the last entry, whether or not it is among these */
  readonly last: string;
  /** entries of a newer release, which this one does not understand */
  readonly unknown: number;
}

/** `live`: events go out as they are read. `behind`: nothing is sent. `catching-up`: the log is read again from a checkpoint. */
export const SENDER_MODES = ['live', 'catching-up', 'behind'] as const;
export type SenderMode = (typeof SENDER_MODES)[number];

/** A host as it last reported itself. */
export interface HostReport {
  readonly host: string;
  readonly version: string;
  readonly digest: string;
  /** ms since 1970 by the server's clock */
  readonly seen: number;
  /** ms by which its log is read late */
  readonly lag: number;
  /** how its events go to the server; undefined of an earlier release */
  readonly sends?: SenderMode | undefined;
  /** events that it has read and the server has not counted; undefined where that is not known */
  readonly backlog?: number | undefined;
}

/** Why a call failed. `wrong`: a trouble that time does not mend, such as a password that is refused. */
export type StoreFailure = 'unreachable' | 'slow' | 'full' | 'read-only' | 'wrong';

export class StoreError extends Error {
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** What the server sends by itself. */
export interface StoreListener {
  /** The stream of a shard may have new entries. */
  changed(shard: number): void;
  /** Another host asks something; `reply` sends the answer back. */
  asked(question: string, reply: (answer: string) => void): void;
  /** The connection is lost, or stands again. Reported once for each turn, and again where it fails in another way. */
  connection(isUp: boolean, reason: string | undefined): void;
  /** Another program wrote a key under the prefix; it is now under another name, and expires after a week. */
  setAside(key: string, name: string): void;
}

/** All methods reject with StoreError, within the timeout of the spec. */
export interface SharedStore {
  /** ms that the last call took which was answered; undefined before */
  readonly roundTrip: number | undefined;
  /** Names what each shard holds from now on: before any event is counted there. @param generation of the last report */
  begin(generation: string): Promise<void>;
  /** Counts events, each once, and starts the blocks that they lead to. */
  count(batch: Batch, rules: SharedRules): Promise<Counted>;
  /**
   * Joins a change of this host with what the server knows, and puts it into the stream.
   * @param now ms since 1970
   * @returns the ID in the stream
   */
  publish(shard: number, change: AuditedChange, now: number): Promise<string>;
  /** Entries of a stream after an ID ('0' for all), at most 1,000. */
  read(shard: number, after: string): Promise<StreamPart>;
  /** All blocks, graces and lifts of a shard as they stand, as changes, in steps; and the ID up to which they include the stream. */
  readAll(shard: number, take: (change: SharedChange) => void): Promise<string>;
  /**
   * Reports this host, and takes its name for three seconds: call it every second.
   *
   * @returns the generation, which names what the server holds: another one means that it was emptied; the server's clock
   *   (ms since 1970); and whether another process uses the name
   */
  report(
    report: Omit<HostReport, 'seen' | 'host'>,
  ): Promise<{ readonly generation: string; readonly time: number; readonly isTaken: boolean }>;
  /**
   * This host has sent again what the server lost. When all hosts have, or three seconds after the last event that was sent
   * again, blocks start again.
   */
  repeated(): Promise<void>;
  /** Gives the name of this host up at the stop. */
  leave(): Promise<void>;
  hosts(): Promise<readonly HostReport[]>;
  /** Asks all other hosts; each answer comes once, by host, until `ms` have passed or all of `expected` answered. */
  ask(question: string, ms: number, expected: ReadonlySet<string>): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}
