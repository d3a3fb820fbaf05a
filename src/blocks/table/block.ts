// A block, and what is kept with it for support.

import type { Detail, EventClass, Kind } from '../events/event.ts';
import type { Note } from './note-cells.ts';
import type { Notes } from './notes.ts';

/** One event that led to a block; `at` in ISO 8601 UTC. */
export interface Evidence extends Detail {
  readonly at: string;
  readonly kind: Kind;
  readonly class?: EventClass | undefined;
}

/** One mail that a block cost; `at` in ISO 8601 UTC. */
export interface RefusedMail extends Omit<Detail, 'line' | 'reply'> {
  readonly at: string;
}

/** A person's action: who did it, and the reason (`why` in files and in the audit trail). */
export interface ManualAction {
  readonly by: string;
  readonly why: string;
}

/**
 * A block, or the watched block of a rule with `enforce: false`. Times in ms since 1970. Its notes belong to the record
 * that it belongs to.
 */
export interface Block<N extends Iterable<Note> = Notes> {
  readonly rule: string;
  /** event time of the event that reached the limit */
  readonly since: number;
  readonly until: number;
  /** the rule's limit at that time; 0 for a block by hand */
  readonly count: number;
  readonly hand?: ManualAction | undefined;
  /** the newest events that led to it, oldest first */
  evidence?: N | undefined;
  /** events of each kind that were known when it started */
  readonly counts?: Readonly<Partial<Record<Kind, number>>> | undefined;
  /** of the events that led to it, those that have a class, by class */
  readonly classes?: Readonly<Partial<Record<EventClass, number>>> | undefined;
  /** own refusals that Postfix logged, and when the first and the last came */
  refused: number;
  firstRefused: number;
  lastRefused: number;
  /** the newest abuse since it started; not counted */
  lastAbuse?: number | undefined;
  /** the client's forward-confirmed name, as Postfix logged it first */
  name?: string | undefined;
  /** the newest distinct mails it cost, oldest first */
  mails?: N | undefined;
}

/** A watched block. An ended one is kept for a while, because events before `until` never count for its rule. */
export interface Watch<N extends Iterable<Note> = Notes> extends Block<N> {
  readonly ended: boolean;
}

/** A block by which the next one of its rule lasts longer; `since` in ms since 1970. */
export interface FormerBlock {
  readonly rule: string;
  readonly since: number;
  /** false for a watched block: these lengthen watched blocks alone */
  readonly enforced: boolean;
}

/** By which rule a block is, and how long it runs: all that a verdict needs. */
export type BlockTerm = Pick<Block, 'rule' | 'since' | 'until'>;

/** A block without its notes. */
export type BareBlock = Omit<Block, 'evidence' | 'mails'>;

/** What is known of a block when it starts. */
export type BlockStart = Omit<Block, 'refused' | 'firstRefused' | 'lastRefused' | 'lastAbuse' | 'mails'>;

/** A block that has refused nothing yet. */
export function newBlock({
  rule,
  since,
  until,
  count,
  hand,
  evidence,
  counts,
  classes,
  name,
}: BlockStart): Block {
  return {
    rule,
    since,
    until,
    count,
    ...(hand && { hand }),
    ...(evidence && { evidence }),
    ...(counts && { counts }),
    ...(classes && { classes }),
    ...(name !== undefined && { name }),
    refused: 0,
    firstRefused: 0,
    lastRefused: 0,
  };
}

/**
 * Whether a block is known from the audit trail alone: the log, read again, has yet to give its details. Events of its
 * client still count then, for its details alone.
 */
export function isAwaited({ counts }: Pick<Block, 'counts'>): boolean {
  return counts === undefined;
}
