// The core of the daemon: reads log records, and counts. Opens no file and no socket.

import { Blocks } from '../blocks/blocks.ts';
import type { Change } from '../blocks/changes.ts';
import { needsGood } from '../blocks/terms.ts';
import type { Config } from '../config/config.ts';
import { termsOf } from '../config/terms.ts';
import { Health, type HealthNews } from '../health/health.ts';
import type { Counts } from '../health/metrics/counts.ts';
import { LogReader } from '../maillog/reader.ts';
import { MergedLog } from '../maillog/sources/merge.ts';
import type { Sharing } from '../sharing/sharing.ts';
import { State } from '../state/state.ts';
import type { Front } from './front/front.ts';
import { Traffic } from './traffic.ts';

/** What is there before the parts are. */
export interface Given {
  readonly version: string;
  readonly front: Front;
  /** ms since 1970 */
  clock(): number;
}

/** What a reload switches on and off; undefined where policy.yml does not want it. */
export interface Optional {
  /** what is counted for metrics */
  counts: Counts | undefined;
  sharing: Sharing | undefined;
}

/** What follows from what happens in the core. */
export interface CoreEvents {
  changed(change: Change): void;
  reported(news: HealthNews): void;
}

export function coreOf(given: Given, config: Config, events: CoreEvents) {
  const { clock, front } = given;
  const { log, replies, room, service, control, systemd } = front;
  const terms = termsOf(config);
  const optional: Optional = { counts: undefined, sharing: undefined };
  const reader = new LogReader();
  reader.readsGood = needsGood(terms);
  reader.texts.add(config.rules.map((rule) => rule.message));
  const health = new Health(reader, (news) => events.reported(news), clock());
  const blocks = new Blocks(terms, (change) => events.changed(change));
  const traffic = new Traffic({ blocks, reader, health, log, optional }, clock);
  const mergedLog = new MergedLog(
    (record, stamp, numbering) => traffic.read(record, stamp, numbering),
    clock,
  );
  const state = new State(config.state);
  const fronted = { ...given, log, replies, room, service, control, systemd };
  return { ...fronted, state, optional, reader, health, blocks, traffic, mergedLog };
}

export type Core = ReturnType<typeof coreOf>;
