// The values of all metrics at one moment, from what was counted and from the figures of the daemon.

import { TROUBLES, type Trouble } from '../status.ts';
import type { ActiveBlocks } from './active-blocks.ts';
import type { Counts } from './counts.ts';
import type { Distribution, FamilyName, Sample } from './families.ts';

/** Figures of the daemon at the moment of a scrape. Times in ms since 1970. */
export interface Figures {
  readonly version: string;
  readonly troubles: readonly Trouble[];
  /** rules of the policy */
  readonly rules: readonly { readonly name: string; readonly enforce: boolean }[];
  /** by rule */
  readonly blocks: ReadonlyMap<string, ActiveBlocks>;
  readonly tracked: number;
  /** names of the log sources that are followed */
  readonly sources: readonly string[];
  /** how far the log has been read; 0 where it never was */
  readonly readTo: number;
  /** lines that journald or rsyslogd report as dropped */
  readonly suppressed: number;
  /** when the last snapshot was written; undefined before the first one */
  readonly snapshotAt: number | undefined;
  /** ms that it took; undefined before the first one of this daemon */
  readonly snapshotTook: number | undefined;
  readonly policyLoadedAt: number;
  /** undefined where policy.yml has no share-state */
  readonly sharing: SharingFigures | undefined;
}

export interface SharingFigures {
  readonly isUp: boolean;
  /** events; undefined where that is not known */
  readonly backlog: number | undefined;
  /** ms */
  readonly roundTrip: number | undefined;
}

/** Of each family its samples; of a histogram, its distribution. A family without a value has no sample. */
export type Samples = Readonly<Record<Exclude<FamilyName, HistogramName>, readonly Sample[]>> &
  Readonly<Record<HistogramName, Distribution>>;

type HistogramName = 'postblock_verdict_duration_seconds';

/** @param now ms since 1970 */
export function samplesOf(counts: Counts, figures: Figures, now: number): Samples {
  const { verdicts, lines, events } = counts;
  const { sources, readTo, snapshotAt, snapshotTook, version, policyLoadedAt } = figures;
  return {
    postblock_info: [[1, version]],
    postblock_verdicts_total: verdicts.samples,
    postblock_verdict_duration_seconds: verdicts.durations,
    postblock_log_lines_total: lines.samples(sources),
    postblock_log_lines_unread_total: lines.unreadSamples,
    postblock_log_lag_seconds: seconds(readTo > 0 ? Math.max(0, now - readTo) : undefined),
    postblock_log_last_line_timestamp_seconds: lines.newest(sources),
    postblock_log_suppressed_total: [[figures.suppressed]],
    postblock_events_total: events.samples,
    ...ruleSamples(counts, figures),
    postblock_tracked_clients: [[figures.tracked]],
    postblock_snapshot_age_seconds: seconds(
      snapshotAt === undefined ? undefined : Math.max(0, now - snapshotAt),
    ),
    postblock_snapshot_duration_seconds: seconds(snapshotTook),
    postblock_trouble: troubleSamples(figures.troubles),
    postblock_policy_loaded_timestamp_seconds: seconds(policyLoadedAt),
    ...sharingSamples(figures.sharing),
  };
}

function ruleSamples({ rules: counts }: Counts, { rules, blocks }: Figures) {
  const names = rules.map(({ name }) => name);
  return {
    postblock_blocks_active: blockSamples(rules, blocks),
    postblock_blocks_started_total: counts.samples('started', names),
    postblock_blocks_ended_total: counts.ended(names),
    postblock_spared_total: counts.samples('spared', names),
    postblock_mails_refused_total: counts.samples('refused', names),
    postblock_mails_refused_in_standing_total: counts.samples('refusedInStanding', names),
  };
}

/** Each rule of the policy, and others that still have blocks. */
function blockSamples(rules: Figures['rules'], blocks: Figures['blocks']): readonly Sample[] {
  const enforced = new Map(rules.map(({ name, enforce }) => [name, enforce]));
  return [...new Set([...enforced.keys(), ...blocks.keys()])].flatMap((rule) => {
    const active = blocks.get(rule) ?? { enforced: 0, watched: 0 };
    const samples: Sample[] = [];
    if (active.enforced > 0 || enforced.get(rule) === true) samples.push([active.enforced, rule, 'true']);
    if (active.watched > 0 || enforced.get(rule) === false) samples.push([active.watched, rule, 'false']);
    return samples;
  });
}

function troubleSamples(troubles: readonly Trouble[]): readonly Sample[] {
  const names = new Set(troubles.map(({ what }) => what));
  return TROUBLES.map((name) => [names.has(name) ? 1 : 0, name]);
}

function sharingSamples(sharing: SharingFigures | undefined) {
  const { isUp, backlog, roundTrip } = sharing ?? {};
  return {
    postblock_share_up: isUp === undefined ? [] : single(Number(isUp)),
    postblock_share_backlog_events: backlog === undefined ? [] : single(backlog),
    postblock_share_rtt_seconds: seconds(roundTrip),
  };
}

function single(value: number): readonly Sample[] {
  return [[value]];
}

/** @param ms undefined where there is no value */
function seconds(ms: number | undefined): readonly Sample[] {
  return ms === undefined ? [] : [[ms / 1000]];
}
