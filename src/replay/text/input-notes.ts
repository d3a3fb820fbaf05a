// Notes on the inputs of a replay: what could not be read, what is not a log, and what several inputs contain.

import type { SharedLines } from '../input/duplicates.ts';
import type { InputOptions, LogInput } from '../input/input.ts';
import type { BlindSpotFinder } from '../report/blind-spots.ts';
import { noLogWords, sharedWords } from './sentences.ts';

export class InputNotes implements Pick<InputOptions, 'onUnreadable' | 'onDamage' | 'onEnd'> {
  readonly #blindSpots: BlindSpotFinder;
  readonly #damages: string[] = [];
  readonly #noLogs: Pick<LogInput, 'name' | 'lines'>[] = [];

  constructor(blindSpots: BlindSpotFinder) {
    this.#blindSpots = blindSpots;
  }

  readonly onUnreadable = (line: string, why: string | undefined, name: string): void => {
    this.#blindSpots.unreadable(line, why, name);
  };

  readonly onDamage = (sentence: string): void => {
    this.#damages.push(sentence);
  };

  readonly onEnd = ({ name, lines, isLog }: LogInput): void => {
    const hasUnreadable = this.#blindSpots.settle(name, isLog);
    if (hasUnreadable && !isLog) this.#noLogs.push({ name, lines });
  };

  /** @param shared lines that several inputs contain */
  sentences(shared: readonly SharedLines[]): readonly string[] {
    return [...this.#damages, ...noLogWords(this.#noLogs), ...sharedWords(shared)];
  }
}
