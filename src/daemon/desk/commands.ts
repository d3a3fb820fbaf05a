// The answers to requests on the control socket: those of the daemon itself, and through the desk those about clients.

import type { ReloadAnswer } from '../../desk/answers.ts';
import type { Desk } from '../../desk/desk.ts';
import { type ControlRequest, DeskError } from '../../desk/protocol.ts';
import type { Health } from '../../health/health.ts';
import { type ReportedParts, statusOf } from './status.ts';

export interface CommandParts extends ReportedParts {
  readonly desk: Pick<Desk, 'answer'>;
  readonly health: Pick<Health, 'status' | 'reloads'>;
  /** Reads policy.yml again. Never throws. */
  reload(): Promise<void>;
}

export class Commands {
  readonly #parts: CommandParts;
  readonly #clock: () => number;
  #isRestored = false;

  /** @param clock ms since 1970 */
  constructor(parts: CommandParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** The state has been read: until then, commands other than `status` are refused. */
  restored(): void {
    this.#isRestored = true;
  }

  /** @throws DeskError */
  async answer(request: ControlRequest): Promise<unknown> {
    const { desk } = this.#parts;
    if (request.command === 'status') return statusOf(this.#parts, this.#isRestored, this.#clock());
    if (!this.#isRestored)
      throw new DeskError('starting', 'the daemon is still reading its state: try again');
    if (request.command === 'reload') return await this.#reload();
    return await desk.answer(request, this.#clock());
  }

  async #reload(): Promise<ReloadAnswer> {
    const { reload, health } = this.#parts;
    await reload();
    return { mistakes: health.reloads.mistakes };
  }
}
