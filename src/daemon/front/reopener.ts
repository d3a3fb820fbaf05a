// Reopens listeners that clients no longer reach: somebody removed a socket file, or moved its directory.

import type { ControlServer } from '../../desk/control.ts';
import type { PolicyService } from '../../policy/server.ts';
import { Condition } from '../../values/condition.ts';
import type { DaemonLog } from '../log/log.ts';

export interface ReopenerParts {
  readonly service: Pick<PolicyService, 'isReachable' | 'reopen'>;
  readonly control: Pick<ControlServer, 'isReachable' | 'reopen'>;
  readonly log: Pick<DaemonLog, 'report'>;
}

export class Reopener {
  readonly #parts: ReopenerParts;
  /** by listener: why it could not be opened at the last attempt */
  readonly #failures = new Map<string, Condition<string>>();

  constructor(parts: ReopenerParts) {
    this.#parts = parts;
  }

  get isNeeded(): boolean {
    const { service, control } = this.#parts;
    return !service.isReachable || !control.isReachable;
  }

  /**
   * Reopens each listener that is not reachable, and logs each reason for a failure once. Never throws.
   *
   * @param now ms since 1970
   */
  async reopen(now: number): Promise<void> {
    const { service, control } = this.#parts;
    for (const { where, failure } of await service.reopen()) this.#report(where, failure, now);
    for (const { where, failure } of await control.reopen()) this.#report(where, failure, now);
  }

  #report(listener: string, reason: string | undefined, now: number): void {
    const { log } = this.#parts;
    if (reason === undefined) {
      this.#failures.delete(listener);
      log.report({ event: 'listener-reopened', listener, reason: 'its socket file was gone' });
      return;
    }
    const failure = this.#failures.get(listener) ?? new Condition<string>();
    this.#failures.set(listener, failure);
    if (failure.set(reason, now) !== 'same') log.report({ event: 'listener-lost', listener, reason });
  }
}
