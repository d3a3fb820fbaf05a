// The reopening of listeners that clients no longer find: somebody removed a socket's file, or moved its directory.

import type { ControlServer } from '../desk/control.ts';
import type { PolicyService } from '../policy/server.ts';
import type { DaemonLog } from './line-log.ts';

export interface ReopenerParts {
  readonly service: Pick<PolicyService, 'isReachable' | 'reopen'>;
  readonly control: Pick<ControlServer, 'isReachable' | 'reopen' | 'address'>;
  readonly log: Pick<DaemonLog, 'warn' | 'error'>;
}

export class Reopener {
  readonly #parts: ReopenerParts;
  /** why each listener could not be opened when it was last tried */
  readonly #failures = new Map<string, string>();

  constructor(parts: ReopenerParts) {
    this.#parts = parts;
  }

  get isNeeded(): boolean {
    const { service, control } = this.#parts;
    return !service.isReachable || !control.isReachable;
  }

  /** Tries each listener that is not reachable; a reason why one cannot be opened is told once. Never throws. */
  async reopen(): Promise<void> {
    const { service, control } = this.#parts;
    for (const { where, failure } of await service.reopen()) this.#tell(where, failure);
    if (control.isReachable) return;
    await control.reopen().then(
      () => this.#tell(control.address, undefined),
      (error: Error) => this.#tell(control.address, error.message),
    );
  }

  #tell(listener: string, reason: string | undefined): void {
    const { log } = this.#parts;
    const before = this.#failures.get(listener);
    if (reason === undefined) {
      this.#failures.delete(listener);
      log.warn('listener-reopened', { listener, reason: 'its socket file was gone' });
    } else if (reason !== before) {
      this.#failures.set(listener, reason);
      log.error('listener-lost', { listener, reason });
    }
  }
}
