// A count within a time that slides in steps: never too high, and too low by what lies in one step at most.

/** Steps that one time is divided into. */
export const STEPS = 10;

export class SteppedCount {
  /** of the last STEPS steps, by step modulo STEPS */
  readonly #counts: number[] = [];
  #newest = -STEPS;

  /** Counts one. @param step number of the step that it lies in; one that comes too late does not count */
  add(step: number): void {
    if (step <= this.#newest - STEPS) return;
    for (let each = Math.max(this.#newest + 1, step - STEPS + 1); each <= step; each++)
      this.#counts[each % STEPS] = 0;
    this.#newest = Math.max(this.#newest, step);
    this.#counts[step % STEPS] = (this.#counts[step % STEPS] ?? 0) + 1;
  }

  /** The count of the time that ends with this step, or with the newest one if that is later. */
  until(step: number): number {
    let sum = 0;
    const first = Math.max(step, this.#newest) - STEPS + 1;
    for (let each = Math.max(0, first); each <= this.#newest; each++) sum += this.#counts[each % STEPS] ?? 0;
    return sum;
  }
}
