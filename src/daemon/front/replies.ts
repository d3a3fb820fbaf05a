// The replies to policy requests: of the blocks that are known at this moment. An internal error is DUNNO.

import type { Blocks } from '../../blocks/blocks.ts';
import type { Health } from '../../health/health.ts';
import type { Counts } from '../../health/metrics/counts.ts';
import type { PolicyRequest } from '../../policy/request.ts';
import { DUNNO, verdict } from '../../policy/verdict.ts';
import type { DaemonLog } from '../log/log.ts';
import { logFault } from '../log/log-reports.ts';

/** What takes note of each reply. */
export interface Witness {
  readonly health: Pick<Health, 'answered' | 'fault'>;
  /** looked up for each request: a reload changes it */
  readonly optional: {
    /** what is counted for metrics */
    readonly counts?: Counts | undefined;
  };
}

/** Answers noted until there is a health that counts them. */
const MAX_EARLY = 10_000;

export class Replies {
  readonly #log: Pick<DaemonLog, 'report'>;
  readonly #clock: () => number;
  readonly #early = new EarlyAnswers();
  #witness: Witness = { health: this.#early, optional: {} };
  #isPassed = false;
  /** The blocks that verdicts ask. Without any, nobody is refused: no listener is open then. */
  blocks: Pick<Blocks, 'refusing'> = { refusing: () => undefined };
  readonly #onPassed = () => {
    this.#isPassed = true;
  };

  /** @param clock ms since 1970 */
  constructor(log: Pick<DaemonLog, 'report'>, clock: () => number) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Takes note of each reply from now on, and of those before. */
  set witness(witness: Witness) {
    this.#witness = witness;
    this.#early.passOn(witness.health);
  }

  /** The reply to a request; DUNNO after an internal error. Never throws. */
  answer(request: PolicyRequest): string {
    const { counts } = this.#witness.optional;
    if (counts === undefined) return this.#reply(request);
    const { verdicts } = counts;
    const begun = verdicts.isTimed ? performance.now() : undefined;
    const reply = this.#reply(request);
    if (begun !== undefined) verdicts.took(performance.now() - begun);
    verdicts.add(reply, request.stateCode);
    return reply;
  }

  #reply(request: PolicyRequest): string {
    const { health } = this.#witness;
    try {
      this.#isPassed = false;
      const reply = verdict(request, this.blocks, this.#clock(), this.#onPassed);
      health.answered(request, reply, this.#isPassed);
      return reply;
    } catch (error) {
      health.fault();
      logFault(this.#log, 'verdict', error);
      return DUNNO;
    }
  }
}

/** Holds what was answered while the parts of the daemon are loaded. */
class EarlyAnswers implements Pick<Health, 'answered' | 'fault'> {
  #answers: { readonly instance: string; readonly reply: string; readonly isPassed: boolean }[] = [];
  #faults = 0;

  answered({ instance }: Pick<PolicyRequest, 'instance'>, reply: string, isPassed = false): void {
    if (this.#answers.length < MAX_EARLY) this.#answers.push({ instance, reply, isPassed });
  }

  fault(): void {
    this.#faults++;
  }

  passOn(health: Witness['health']): void {
    for (const answer of this.#answers) health.answered(answer, answer.reply, answer.isPassed);
    for (; this.#faults > 0; this.#faults--) health.fault();
    this.#answers = [];
  }
}
