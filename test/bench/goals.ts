// The goals, each with the measured figure.

import { ms, print, printTable, whole } from './report.ts';
import type { Size } from './size.ts';

/** The figures of the subjects; times in microseconds. */
export interface Findings {
  /** requests/s as a share of the floor's: 1, 20 and 100 connections */
  ratios?: readonly number[];
  /** p99 of a verdict while everything else runs */
  movingP99?: number;
  /** log lines/s on one core */
  linesPerSecond?: number;
  /** resident memory of the daemon with all clients tracked */
  residentMB?: number;
  /** peak memory of the daemon with a tenth of all clients blocked, all of which continue */
  floodMB?: number;
  snapshotWritten?: number;
  snapshotRead?: number;
  /** the longest verdict while a snapshot is written */
  snapshotPause?: number;
  /** the longest answer of the floor under the same load */
  floorPause?: number;
  /** median from the log line to the first REJECT */
  reaction?: number;
  /** events/s through one core of the shared server: good, bad, mixed */
  sharedEvents?: readonly number[];
  /** median and p99 from the log line to the block on all hosts */
  blockOnAll?: readonly [number, number];
  /** verdicts/s of a host that shares, of those of one that does not */
  sharedVerdicts?: number;
  /** median from the start of the process to the first REJECT */
  firstReject?: number;
}

interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string | undefined;
  readonly met: boolean;
}

export function printGoals(findings: Findings, { tracked }: Size): void {
  const goals = [policyGoal(findings), ...restOf(findings, tracked), ...sharingGoals(findings)];
  print('## Figures to reach\n');
  printTable(
    ['what', 'goal', 'measured', ''],
    goals.map(({ what, goal, measured, met }) => [
      what,
      goal,
      measured ?? '–',
      measured === undefined ? 'not measured' : met ? 'met' : 'NOT MET',
    ]),
  );
}

function policyGoal({ ratios }: Findings): Goal {
  return {
    what: 'policy requests/s, 1, 20 and 100 connections',
    goal: '≥ 0.85 × floor',
    measured: ratios?.map((ratio) => ratio.toFixed(2)).join(' / '),
    met: ratios?.every((ratio) => ratio >= 0.85) ?? false,
  };
}

function restOf(findings: Findings, tracked: number): Goal[] {
  const {
    movingP99,
    linesPerSecond,
    residentMB,
    floodMB,
    snapshotWritten,
    snapshotRead,
    snapshotPause,
    floorPause,
    reaction,
    firstReject,
  } = findings;
  const clients = `${whole(tracked)} IPs`;
  return [
    atMost(`p99 of a verdict, 20,000 log lines/s, ${clients}, snapshot being written`, 10, movingP99),
    {
      what: 'log lines/s through line → event → rules, one core',
      goal: '≥ 500,000',
      measured: linesPerSecond === undefined ? undefined : whole(linesPerSecond),
      met: (linesPerSecond ?? 0) >= 500_000,
    },
    memoryGoal(`resident memory with ${clients}, peak`, 450, residentMB),
    memoryGoal('resident memory with a tenth of them blocked, all of which continue, peak', 400, floodMB),
    atMost(`snapshot of ${clients} written`, 5000, snapshotWritten),
    atMost(`snapshot of ${clients} read at start`, 5000, snapshotRead),
    atMost(
      `longest verdict while a snapshot is written (the floor's: ${floorPause === undefined ? '–' : ms(floorPause)})`,
      10,
      snapshotPause,
    ),
    atMost('from the log line to the first REJECT', 250, reaction),
    atMost(`from the start to the first REJECT, ${clients} in the snapshot`, 500, firstReject),
  ];
}

function sharingGoals({ sharedEvents, blockOnAll, sharedVerdicts }: Findings): Goal[] {
  return [
    {
      what: 'events/s through one core of the shared server: good, bad, mixed',
      goal: '≥ 150,000',
      measured: sharedEvents?.map(whole).join(' / '),
      met: sharedEvents?.every((rate) => rate >= 150_000) ?? false,
    },
    atMost('from the log line to the block on all of three hosts, p99', 250, blockOnAll?.[1]),
    {
      what: 'verdicts/s of a host that shares, of those of one that does not',
      goal: '≥ 0.95',
      measured: sharedVerdicts?.toFixed(2),
      met: (sharedVerdicts ?? 0) >= 0.95,
    },
  ];
}

function memoryGoal(what: string, most: number, measured: number | undefined): Goal {
  return {
    what,
    goal: `≤ ${whole(most)} MB`,
    measured: measured === undefined ? undefined : `${whole(measured)} MB`,
    met: (measured ?? Number.POSITIVE_INFINITY) <= most,
  };
}

function atMost(what: string, most: number, micros: number | undefined): Goal {
  return {
    what,
    goal: `≤ ${whole(most)} ms`,
    measured: micros === undefined ? undefined : `${ms(micros)} ms`,
    met: micros !== undefined && micros <= most * 1000,
  };
}
