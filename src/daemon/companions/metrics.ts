// The metrics of the daemon: counts what they need while policy.yml has `metrics:`, and serves them there.

import { setImmediate } from 'node:timers/promises';
import type { Blocks } from '../../blocks/blocks.ts';
import type { Change } from '../../blocks/changes.ts';
import type { Config } from '../../config/config.ts';
import type { Health } from '../../health/health.ts';
import { activeBlocks } from '../../health/metrics/active-blocks.ts';
import { Counts } from '../../health/metrics/counts.ts';
import { type Samples, type SharingFigures, samplesOf } from '../../health/metrics/samples.ts';
import type { MetricsServer } from '../../health/metrics/server.ts';
import type { LogReader } from '../../maillog/reader.ts';
import type { MergedLog } from '../../maillog/sources/merge.ts';
import { type ListenSpec, listenText } from '../../net/listen.ts';
import { MINUTE } from '../../values/duration.ts';
import type { DaemonLog } from '../log/log.ts';
import type { Companion } from './companions.ts';

export interface MetricsParts {
  readonly version: string;
  readonly blocks: Pick<Blocks, 'table' | 'terms' | 'lastGood'>;
  readonly reader: Pick<LogReader, 'lost'>;
  readonly mergedLog: Pick<MergedLog, 'time'>;
  readonly health: Pick<Health, 'troubles' | 'log' | 'parts'>;
  readonly log: Pick<DaemonLog, 'report'>;
  /** ms since 1970 */
  readonly policy: { readonly loadedAt: number };
  /** ms that the last snapshot took; undefined before the first one */
  readonly snapshotTimer: { readonly duration: number | undefined };
  readonly traffic: { fault(where: string, error: unknown): void };
  readonly optional: {
    /** Set here: what is counted for metrics. */
    counts: Counts | undefined;
    readonly sharing: { readonly figures: SharingFigures } | undefined;
  };
}

export class Metrics implements Companion {
  readonly name = 'metrics';
  readonly #parts: MetricsParts;
  readonly #clock: () => number;
  /** where policy.yml wants them */
  #wanted: ListenSpec | undefined;
  #server: MetricsServer | undefined;
  /** ms since 1970; the last attempt to open the server */
  #triedAt = 0;
  /** one after the other */
  #turn: Promise<void> = Promise.resolve();

  /** @param clock ms since 1970 */
  constructor(parts: MetricsParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  async adopt({ metrics }: Pick<Config, 'metrics'>): Promise<void> {
    const { optional } = this.#parts;
    this.#wanted = metrics;
    // The counts stay where only the address changes.
    optional.counts = metrics === undefined ? undefined : (optional.counts ?? new Counts());
    await this.#inTurn(() => this.#settle());
  }

  changed(change: Change): void {
    const { blocks, optional } = this.#parts;
    optional.counts?.rules.changed(change, (ip) => blocks.lastGood(ip, this.#clock()) !== undefined);
  }

  /** Opens the server again where it could not be opened, or where its socket file is gone. */
  tick(now: number): void {
    this.#triedAt = Math.min(this.#triedAt, now);
    if (this.#wanted === undefined || this.#isSettled || now - this.#triedAt < MINUTE) return;
    this.#inTurn(() => this.#settle()).catch((error) => this.#parts.traffic.fault(this.name, error));
  }

  async stop(): Promise<void> {
    this.#wanted = undefined;
    await this.#inTurn(() => this.#settle());
  }

  get #isSettled(): boolean {
    const { spec, isReachable } = this.#server ?? {};
    return (
      isReachable === true && spec !== undefined && JSON.stringify(spec) === JSON.stringify(this.#wanted)
    );
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(act);
    return this.#turn;
  }

  /** Build, then commit: the server that runs stays until another one is open. */
  async #settle(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined) {
      this.#replace(undefined);
      this.#report(undefined);
    } else if (!this.#isSettled) await this.#open(wanted);
  }

  async #open(spec: ListenSpec): Promise<void> {
    this.#triedAt = this.#clock();
    const before = this.#server;
    try {
      if (before?.isReachable === true && before.where === listenText(spec)) await before.setAccess(spec);
      else this.#replace(await this.#opened(spec));
      this.#report(undefined);
    } catch (error) {
      const { message } = error as Error;
      const still = before?.isReachable === true ? `; they are still served on ${before.where}` : '';
      this.#report(
        `metrics are not served on ${listenText(spec)}: ${message}${still}; the next try is in a minute`,
      );
    }
  }

  async #opened(spec: ListenSpec): Promise<MetricsServer> {
    const { traffic, log } = this.#parts;
    // The library and HTTP take memory: only those pay for it who use it.
    const { MetricsServer } = await import('../../health/metrics/server.ts');
    const source = {
      clock: this.#clock,
      samples: () => this.#samples(),
      troubles: () => this.#parts.health.troubles,
    };
    const server = await MetricsServer.open(spec, source, {
      failed: (reason) => log.report({ event: 'listener-failed', listener: listenText(spec), reason }),
      fault: (error) => traffic.fault(this.name, error),
    });
    log.report({ event: 'metrics-listening', address: server.where });
    return server;
  }

  #replace(server: MetricsServer | undefined): void {
    this.#server?.close();
    this.#server = server;
  }

  #report(reason: string | undefined): void {
    this.#parts.health.parts.trouble('metrics-down', reason, this.#clock());
  }

  async #samples(): Promise<Samples> {
    const { version, blocks, reader, mergedLog, health, policy, snapshotTimer, optional } = this.#parts;
    const active = await activeBlocks(blocks.table, this.#clock(), setImmediate);
    const figures = {
      version,
      troubles: health.troubles,
      rules: blocks.terms.rules.rules,
      blocks: active,
      tracked: blocks.table.size,
      sources: health.log.sources,
      readTo: mergedLog.time,
      suppressed: reader.lost.lines,
      snapshotAt: health.parts.snapshotAt,
      snapshotTook: snapshotTimer.duration,
      policyLoadedAt: policy.loadedAt,
      sharing: optional.sharing?.figures,
    };
    return samplesOf(optional.counts ?? new Counts(), figures, this.#clock());
  }
}
