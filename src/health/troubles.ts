// The troubles of the daemon: what is wrong and since when; reported at the start, once an hour, after a reload that gave
// it another reason, and at the end.

import { Condition } from '../values/condition.ts';
import { HOUR } from '../values/duration.ts';
import { isoText } from '../values/iso-time.ts';
import type { Trouble, TroubleName } from './status.ts';

/** ms between two reminders */
export const REMINDER = HOUR;

export type Stage = 'began' | 'lasts' | 'over';

interface Entry {
  readonly what: TroubleName;
  /** its value is the reason */
  readonly condition: Condition<string>;
}

export class Troubles {
  readonly #report: (stage: Stage, trouble: Trouble) => void;
  /** in the order in which they began */
  readonly #entries = new Map<string, Entry>();
  /** keys of those whose next reason is reported */
  #renewed: ReadonlySet<string> = new Set();

  constructor(report: (stage: Stage, trouble: Trouble) => void) {
    this.#report = report;
  }

  /** All current troubles, the oldest first. */
  get all(): readonly Trouble[] {
    return [...this.#entries.values()].flatMap((entry) => troubleOf(entry) ?? []);
  }

  /** The reason of a current trouble, null where there is none. */
  reasonOf(what: TroubleName): string | null {
    return this.#entries.get(keyOf(what))?.condition.current?.value ?? null;
  }

  /**
   * Starts a trouble, updates its reason, or ends it.
   *
   * @param reason undefined where nothing is wrong
   * @param now ms since 1970
   * @param of the thing concerned, where several can have this trouble
   * @param since ms since 1970; when it started
   */
  set(what: TroubleName, reason: string | undefined, now: number, of?: string, since?: number): void {
    const key = keyOf(what, of);
    const entry = this.#entries.get(key) ?? { what, condition: new Condition<string>() };
    if (reason === undefined) {
      const trouble = troubleOf(entry);
      if (this.#entries.delete(key) && trouble !== undefined) this.#report('over', trouble);
    } else {
      this.#entries.set(key, entry);
      const change = entry.condition.set(reason, now, since);
      if (change === 'started') this.#reportEntry('began', entry);
      else if (change === 'changed' && this.#renewed.has(key)) this.#reportEntry('lasts', entry);
      if (change !== 'same') this.#renewed = new Set([...this.#renewed].filter((one) => one !== key));
    }
  }

  /**
   * The policy was reloaded: what lasts for another reason than before is reported once more. Who corrects an address and
   * mistypes it again would see nothing but the reload.
   */
  renew(): void {
    this.#renewed = new Set(this.#entries.keys());
  }

  /** Reports each trouble again that was last reported an hour ago. Call it regularly. @param now ms since 1970 */
  remind(now: number): void {
    for (const entry of this.#entries.values())
      if (entry.condition.isReminderDue(REMINDER, now)) this.#reportEntry('lasts', entry);
  }

  #reportEntry(stage: Stage, entry: Entry): void {
    const trouble = troubleOf(entry);
    if (trouble !== undefined) this.#report(stage, trouble);
  }
}

function troubleOf({ what, condition: { current } }: Entry): Trouble | undefined {
  return current && { what, since: isoText(current.since), reason: current.value };
}

function keyOf(what: TroubleName, of = ''): string {
  return `${what} ${of}`;
}
