// A condition: something that starts, may change while it lasts, is reported again from time to time, and ends.

/** The value of a condition that holds, and since when (ms since 1970). */
export interface Lasting<T> {
  readonly value: T;
  readonly since: number;
}

export class Condition<T> {
  #lasting: Lasting<T> | undefined;
  /** ms since 1970 */
  #reportedAt = 0;

  /** undefined while the condition does not hold */
  get current(): Lasting<T> | undefined {
    return this.#lasting;
  }

  /**
   * The condition holds.
   *
   * @param value compared with ===
   * @param now ms since 1970
   * @param since ms since 1970; when it started
   */
  set(value: T, now: number, since = now): 'started' | 'changed' | 'same' {
    const before = this.#lasting;
    if (before?.value === value) return 'same';
    this.#lasting = { value, since: before?.since ?? since };
    if (before !== undefined) return 'changed';
    this.#reportedAt = now;
    return 'started';
  }

  /** The condition does not hold. @returns the condition that has ended; undefined if it did not hold before */
  end(): Lasting<T> | undefined {
    const ended = this.#lasting;
    this.#lasting = undefined;
    return ended;
  }

  /**
   * Whether the condition holds and was last reported, at its start or by this method, `interval` ms ago or earlier.
   * After the clock was set back, the interval starts again.
   */
  isReminderDue(interval: number, now: number): boolean {
    if (this.#lasting === undefined) return false;
    this.#reportedAt = Math.min(this.#reportedAt, now);
    const isDue = now - this.#reportedAt >= interval;
    if (isDue) this.#reportedAt = now;
    return isDue;
  }
}
