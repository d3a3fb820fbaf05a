// The lines of audit.jsonl: one for each block and each end of a block, once, also over a crash.

import { type AuditedChange, END_REASONS } from '../blocks/changes.ts';
import { CLOSE_REASONS } from '../blocks/sparing/breaker.ts';
import type { Block } from '../blocks/table/block.ts';
import { isClientKey } from '../values/address.ts';
import { isoText, isoTime } from '../values/iso-time.ts';
import { isNatural, jsonIn } from '../values/json.ts';
import { parseNetwork } from '../values/network.ts';
import { isClassCounts } from './snapshot/json-guards.ts';

/** Raised with every change of a line's form that a reader could misread. */
export const AUDIT_VERSION = 1;

/** A line of audit.jsonl. Times in ISO 8601 UTC. */
export interface AuditEntry {
  readonly version: number;
  /** counts up by one a line, also over restarts and rotations */
  readonly sequence: number;
  /** when the line was written; all other times are event times from the mail log, or when something was done by hand */
  readonly written: string;
  readonly event: AuditedChange['type'];
  readonly at: string;
  /** the client's address or IPv6 network; of allow and disallow the network; empty where the breaker closes */
  readonly ip: string;
  /** block, end, spared */
  readonly rule?: string;
  /** block, end, spared: false for a watched block of a rule with `enforce: false` */
  readonly enforced?: boolean;
  /** block, grace, allow: when it will end by itself */
  readonly until?: string;
  /** block: the limit that was reached, 0 for a block by hand */
  readonly count?: number;
  /** block: of the events that led to it, those that have a class, by class */
  readonly classes?: Block['classes'];
  /** end: when the block had begun */
  readonly since?: string;
  /** block: true for a client in good standing, where the policy has a breaker */
  readonly inStanding?: boolean;
  /** end, spared, breaker that closes: why */
  readonly reason?: string;
  /** end: refusals of ours that Postfix logged while it ran */
  readonly refused?: number;
  /** spared: abuse, what the client did well of the same sort, and the share of the rule (0 to 1) */
  readonly bad?: number;
  readonly good?: number;
  readonly share?: number;
  /** breaker: open or closed; clients in good standing that were blocked, and all in good standing */
  readonly state?: string;
  readonly blocked?: number;
  readonly standing?: number;
  /** who did it by hand, and why; missing for what happened by itself */
  readonly by?: string;
  readonly why?: string;
  /** the host that made the change, where hosts share their blocks: this line is its echo; missing for what was made here */
  readonly host?: string;
}

/** @param now ms since 1970; @param host that made the change; undefined for this one */
export function auditEntry(change: AuditedChange, sequence: number, now: number, host?: string): AuditEntry {
  const written = isoText(now);
  return {
    version: AUDIT_VERSION,
    sequence,
    written,
    ...auditFacts(change),
    ...(host !== undefined && { host }),
  };
}

/** The facts of the change itself: the same in every reading of the mail log. */
export function auditFacts(
  change: AuditedChange,
): Omit<AuditEntry, 'version' | 'sequence' | 'written' | 'host'> {
  return {
    event: change.type,
    at: isoText(change.at),
    ip: change.ip,
    ...bodyOf(change),
    ...('hand' in change ? change.hand : {}),
  };
}

function bodyOf(change: AuditedChange): Partial<AuditEntry> {
  if (change.type === 'block') {
    const { rule, enforced, until, count, classes, inStanding } = change;
    const more = { ...(classes && { classes }), ...(inStanding && { inStanding }) };
    return { rule, enforced, until: isoText(until), count, ...more };
  }
  if (change.type === 'end') {
    const { rule, enforced, since, reason, refused } = change;
    return { rule, enforced, since: isoText(since), reason, refused };
  }
  if (change.type === 'spared') {
    const { rule, enforced, reason, bad, good, share } = change;
    return { rule, enforced, reason, bad, good, share };
  }
  if (change.type === 'breaker') {
    const { state, blocked, standing, reason } = change;
    return { state, blocked, standing, ...(reason && { reason }) };
  }
  return change.type === 'disallow' ? {} : { until: isoText(change.until) };
}

/** The change that a line records, to be applied again after a crash; undefined for a line that postblock cannot have written. */
export function changeOf(entry: AuditEntry): AuditedChange | undefined {
  const { event: type, ip, by, why = '', rule = '', count = 0, refused = 0, enforced = true } = entry;
  const { classes, inStanding } = entry;
  const hand = by === undefined ? undefined : { by, why };
  const [at = 0, until = 0, since = 0] = [entry.at, entry.until, entry.since].map((text) =>
    isoTime(text ?? entry.at),
  );
  if ([at, until, since].some(Number.isNaN)) return undefined;
  if (type === 'allow' || type === 'disallow')
    return parseNetwork(ip) === undefined ? undefined : { type, ip, at, until, hand };
  if (type === 'breaker') {
    const { state, blocked = 0, standing = 0 } = entry;
    const isState = state === 'open' || state === 'closed';
    const reason = CLOSE_REASONS.find((known) => known === entry.reason);
    return isState ? { type, ip, at, state, blocked, standing, reason, hand } : undefined;
  }
  if (!isClientKey(ip)) return undefined;
  if (type === 'spared') {
    const { bad = 0, good = 0, share = 0 } = entry;
    const reason = entry.reason === 'breaker' ? 'breaker' : 'share';
    return { type, ip, rule, at, reason, bad, good, share, enforced };
  }
  if (type === 'block') return { type, ip, rule, at, until, count, classes, enforced, inStanding, hand };
  if (type === 'end') {
    const reason = END_REASONS.find((known) => known === entry.reason) ?? 'expired';
    return { type, ip, rule, at, since, reason, refused, enforced, hand };
  }
  return type === 'grace' && hand !== undefined ? { type, ip, at, until, hand } : undefined;
}

/** @returns undefined for what is no audit line */
export function parseAuditLine(line: string): AuditEntry | undefined {
  return auditEntryIn(jsonIn(line));
}

/** @returns undefined for what is the content of no audit line */
export function auditEntryIn(value: unknown): AuditEntry | undefined {
  return isEntry(value) ? value : undefined;
}

/** The fields of a line; what a damaged one holds in their place is no line. */
const FIELDS: Readonly<Record<keyof AuditEntry, 'string' | 'number' | 'boolean' | 'object'>> = {
  version: 'number',
  sequence: 'number',
  written: 'string',
  event: 'string',
  at: 'string',
  ip: 'string',
  rule: 'string',
  enforced: 'boolean',
  until: 'string',
  count: 'number',
  classes: 'object',
  since: 'string',
  inStanding: 'boolean',
  reason: 'string',
  refused: 'number',
  bad: 'number',
  good: 'number',
  share: 'number',
  state: 'string',
  blocked: 'number',
  standing: 'number',
  by: 'string',
  why: 'string',
  host: 'string',
};

function isEntry(value: unknown): value is AuditEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Readonly<Record<string, unknown>>;
  for (const [name, type] of Object.entries(FIELDS)) {
    const found = entry[name];
    if (
      found !== undefined &&
      (typeof found !== type || (type === 'number' && !isNatural(found) && name !== 'share'))
    )
      return false;
  }
  const { sequence, event, ip, at, classes } = entry;
  if (classes !== undefined && !isClassCounts(classes)) return false;
  return sequence !== undefined && event !== undefined && ip !== undefined && !Number.isNaN(isoTime(at));
}
