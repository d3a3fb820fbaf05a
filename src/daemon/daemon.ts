// The daemon, as the command line runs it: it starts, reloads, writes snapshots, and stops.

import { Front } from './front/front.ts';
import { boundHeap } from './heap.ts';
import type { Parts } from './parts.ts';
import { loadPolicy } from './policy-file.ts';
import { reload } from './reload.ts';
import { start } from './start.ts';
import { abandon, stop } from './stop.ts';
import { takeEnvironment } from './systemd/environment.ts';

export class Daemon {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Starts serving.
   *
   * @param signal gives up the start while the state is being read; nothing has changed on disk then
   * @throws ExitError with the exit code, and lines that say why; the reason of `signal`
   */
  static async start(policyPath: string, version: string, signal: AbortSignal): Promise<Daemon> {
    boundHeap();
    const systemd = takeEnvironment(process.env, process.pid);
    const config = await loadPolicy(policyPath);
    const front = new Front(config, systemd, Date.now);
    await front.open(policyPath, version);
    // Loaded late: that takes longer than all the front has to do before Postfix gets its first reply.
    const { partsOf } = await import('./parts.ts');
    const parts = partsOf(policyPath, config, { version, front, clock: Date.now });
    try {
      await start(parts, signal);
    } catch (error) {
      await abandon(parts, signal.aborted);
      throw error;
    }
    return new Daemon(parts);
  }

  /** Reads policy.yml again. Never throws. */
  reload(): Promise<void> {
    return reload(this.#parts);
  }

  /** Writes a snapshot of the current state. Never throws. */
  snapshot(): Promise<void> {
    return this.#parts.snapshotTimer.save();
  }

  /** Writes everything, answers unfinished requests, and ends. */
  stop(): Promise<void> {
    return stop(this.#parts);
  }

  /** Logs an error that no other part of the daemon caught. */
  caught(error: unknown): void {
    this.#parts.traffic.fault('uncaught', error);
  }
}
