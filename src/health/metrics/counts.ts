// What is counted for metrics, from when they are switched on: no clock, no library, only numbers.

import { EventCounts } from './event-counts.ts';
import { LogLineCounts } from './log-line-counts.ts';
import { RuleCounts } from './rule-counts.ts';
import { VerdictCounts } from './verdict-counts.ts';

export class Counts {
  readonly verdicts = new VerdictCounts();
  readonly lines = new LogLineCounts();
  readonly events = new EventCounts();
  readonly rules = new RuleCounts();
}
