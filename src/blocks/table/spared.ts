// What a record keeps of a rule whose limit its client has reached without being blocked.

/** Why a client is not blocked: the share of the rule is not met, or the breaker is open. */
export type SpareReason = 'share' | 'breaker';

/** Times in ms since 1970. */
export interface Spared {
  readonly rule: string;
  readonly reason: SpareReason;
  /** of the first event that found the limit reached; until now there was no `within` without another one */
  readonly since: number;
  /** of the event at which it was last reported */
  readonly reportedAt: number;
  /** of the newest event that found the limit reached */
  readonly last: number;
  /** at the last judgement: abuse, and what the client did well of the same sort */
  readonly bad: number;
  readonly good: number;
}

type SparedList = readonly Spared[] | undefined;

export function sparedBy(list: SparedList, name: string): Spared | undefined {
  return list?.find(({ rule }) => rule === name);
}

/** The list with this one in the place of that of the same rule. */
export function withSpared(list: SparedList, spared: Spared): readonly Spared[] {
  return [...(withoutSpared(list, spared.rule) ?? []), spared];
}

/** The list without that of a rule. */
export function withoutSpared(list: SparedList, name: string): SparedList {
  return sparedWhere(list, ({ rule }) => rule !== name);
}

/** Those that are kept; undefined for none, the list itself for all. */
export function sparedWhere(list: SparedList, isKept: (spared: Spared) => boolean): SparedList {
  if (list === undefined || list.every(isKept)) return list;
  const kept = list.filter(isKept);
  return kept.length === 0 ? undefined : kept;
}
