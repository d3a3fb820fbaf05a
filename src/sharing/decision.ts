// Who decides on blocks: the server on which all hosts count, or this host by its own counts.

import type { Blocks } from '../blocks/blocks.ts';
import { MINUTE } from '../values/duration.ts';
import type { Reach } from './reach.ts';
import type { SenderMode } from './shared-store.ts';

/** ms for which a host that starts leaves decisions to a server that it does not reach */
const PATIENCE = 2000;
/** ms for which it leaves them to one that it reaches, and to which it sends what happened before */
const MAX_START = MINUTE;

export class Decision {
  readonly #blocks: Pick<Blocks, 'shared'>;
  /** ms since 1970 */
  #startedAt = 0;
  #isStarting = true;

  constructor(blocks: Pick<Blocks, 'shared'>) {
    this.#blocks = blocks;
  }

  /** The log is being followed from now on (ms since 1970). */
  start(now: number): void {
    this.#startedAt = now;
  }

  /**
   * The server decides while it counts as events come, and for a moment after the start, until it is reached.
   * @param now ms since 1970
   */
  look({ isUp, isBarred }: Pick<Reach, 'isUp' | 'isBarred'>, mode: SenderMode, now: number): void {
    const isLive = isUp && mode === 'live';
    const patience = isUp ? MAX_START : PATIENCE;
    const isOver = this.#startedAt > 0 && now >= this.#startedAt + patience;
    if (isLive || isOver) this.#isStarting = false;
    this.#blocks.shared = { isOn: true, decides: !isBarred && (this.#isStarting || isLive) };
  }
}
