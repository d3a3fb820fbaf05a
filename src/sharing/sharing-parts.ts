// What sharing needs of the daemon around it.

import type { Blocks } from '../blocks/blocks.ts';
import type { AuditedChange } from '../blocks/changes.ts';
import type { NumberingState } from '../maillog/sources/numbering.ts';
import type { LogSource, Notice } from '../maillog/sources/source.ts';
import type { State } from '../state/state.ts';
import type { ReportTrouble } from './reach.ts';
import type { SharedStore, StoreListener } from './shared-store.ts';

export interface SharingParts {
  readonly host: string;
  readonly version: string;
  readonly blocks: Blocks;
  readonly state: Pick<State, 'flush' | 'sequence' | 'entriesAfter'>;
  /** opens the server; what it reports goes to the listener */
  open(listener: StoreListener): SharedStore;
  /** opens the sources that the daemon follows, a second time */
  openSources(notify: (notice: Notice) => void): Promise<readonly LogSource[]>;
  /** how far the daemon has read the log, by name of the source */
  numbers(): Readonly<Record<string, NumberingState>>;
  /** ms by which the log is read late */
  lag(): number;
  /** A change of another host, or a decision of the server, was applied. */
  applied(change: AuditedChange, host: string): void;
  readonly trouble: ReportTrouble;
  /** Answers what another host asks. */
  answer(question: unknown): Promise<unknown>;
  fault(error: unknown): void;
  /** So many changes of hosts with a newer release could not be taken. */
  notUnderstood(count: number): void;
  /** Another program wrote a key under the prefix of this one; it has another name now. */
  setAside(key: string, name: string): void;
  /** ms since 1970 */
  clock(): number;
}
