// The parts beside the verdict that options of policy.yml switch on. None of them stops the daemon or another one.

import type { Change } from '../../blocks/changes.ts';
import type { Config } from '../../config/config.ts';
import type { HealthNews } from '../../health/health.ts';

export interface Companion {
  /** What a fault of it is logged under. */
  readonly name: string;
  /** Takes up a policy: at start, when the listeners are open, and after each reload that was accepted. */
  adopt(config: Config): Promise<void>;
  /** A change that the daemon has noted. @param host that made it; undefined for this one */
  changed?(change: Change, host: string | undefined): void;
  /** A trouble that begins, lasts or ends, and stress of Postfix. */
  reported?(news: HealthNews): void;
  /** Called about once a second. @param now ms since 1970 */
  tick?(now: number): void;
  /** Ends what it has open, within a second. */
  stop(): Promise<void>;
}

/** Passes each call to all companions; an error of one is logged, and the others get the call. */
export class Companions implements Omit<Companion, 'name'> {
  readonly #companions: readonly Companion[];
  readonly #fault: (where: string, error: unknown) => void;

  /** @param fault logs an internal error */
  constructor(companions: readonly Companion[], fault: (where: string, error: unknown) => void) {
    this.#companions = companions;
    this.#fault = fault;
  }

  async adopt(config: Config): Promise<void> {
    await this.#eachAwaited((companion) => companion.adopt(config));
  }

  changed(change: Change, host: string | undefined): void {
    this.#each((companion) => companion.changed?.(change, host));
  }

  reported(news: HealthNews): void {
    this.#each((companion) => companion.reported?.(news));
  }

  tick(now: number): void {
    this.#each((companion) => companion.tick?.(now));
  }

  async stop(): Promise<void> {
    await this.#eachAwaited((companion) => companion.stop());
  }

  #each(call: (companion: Companion) => void): void {
    for (const companion of this.#companions) {
      try {
        call(companion);
      } catch (error) {
        this.#fault(companion.name, error);
      }
    }
  }

  async #eachAwaited(call: (companion: Companion) => Promise<void>): Promise<void> {
    for (const companion of this.#companions) {
      try {
        await call(companion);
      } catch (error) {
        this.#fault(companion.name, error);
      }
    }
  }
}
