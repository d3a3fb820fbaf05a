// The reader's own blind spots: lines it could not read, and refusals that counted for nothing, by their form.

import type { Fact } from '../../maillog/postfix/fact.ts';
import { looksLikeRefusal, refusesNothing, withoutQueueId } from '../../maillog/postfix/refusal-signs.ts';
import { UNCOUNTED, type Uncounted } from '../../maillog/postfix/uncounted.ts';
import type { LogRecord } from '../../maillog/syslog/record.ts';
import type { BlindSpots, Form } from './report.ts';

const MOST_FORMS = 200;
const MOST_SHOWN = 20;
const MAX_LINE = 320;
const MAX_FORM = 100;

export class BlindSpotFinder {
  readonly #unreadable = new Forms();
  /** by the name of an input that has not come to its end */
  readonly #unsettled = new Map<string, Forms>();
  readonly #uncounted = new Forms();

  /**
   * Takes a line that could not be read. It counts when its input is settled.
   *
   * @param why it could not be read, where that is known
   * @param name of the input
   */
  unreadable(line: string, why?: string, name = ''): void {
    const known = this.#unsettled.get(name);
    const forms = known ?? new Forms();
    if (known === undefined) this.#unsettled.set(name, forms);
    forms.add(formOf(line), line, why ?? null);
  }

  /**
   * An input has come to its end. Of one that is no log at all, no line is a blind spot.
   *
   * @returns whether lines of it could not be read
   */
  settle(name: string, isLog: boolean): boolean {
    const forms = this.#unsettled.get(name);
    this.#unsettled.delete(name);
    if (isLog && forms !== undefined) this.#unreadable.take(forms);
    return forms !== undefined;
  }

  /**
   * Looks at a record that gave no event.
   *
   * @param fact what was understood of it
   * @param uncounted why it counts for nobody, where the log reader knows
   */
  look(record: LogRecord, fact: Fact | undefined, uncounted?: Uncounted): void {
    const { message, program } = record;
    // What says nothing of a refusal, in each session: not even looked at for its signs.
    if (message.startsWith('CONNECT from ') || message.startsWith(': message-id=', message.indexOf(':')))
      return;
    if (fact === undefined ? !looksLikeRefusal(message) : uncounted === undefined) return;
    const why = uncounted === undefined ? whyOf(message) : reasonOf(uncounted, fact);
    this.#uncounted.add(
      `${program}: ${formOf(withoutQueueId(message))}`,
      `${record.process}]: ${message}`,
      why,
    );
  }

  get report(): BlindSpots {
    for (const name of [...this.#unsettled.keys()]) this.settle(name, true);
    const { shown: unreadable, others } = this.#unreadable.report;
    const uncounted = this.#uncounted.report;
    return { unreadable, uncounted: uncounted.shown, others: others + uncounted.others };
  }
}

/** Forms with their counts; where they become too many, the rarest go. */
class Forms {
  readonly #forms = new Map<
    string,
    { count: number; readonly example: string; readonly why: string | null }
  >();
  #others = 0;

  add(form: string, example: string, why: string | null): void {
    const known = this.#forms.get(form);
    if (known !== undefined) known.count++;
    else this.#add(form, { count: 1, example: textOf(example), why });
  }

  /** Takes the forms of others. */
  take(others: Forms): void {
    for (const [form, { count, example, why }] of others.#forms) this.#add(form, { count, example, why });
    this.#others += others.#others;
  }

  /** Those without a reason first: they are what the reader does not know. */
  get report(): { readonly shown: readonly Form[]; readonly others: number } {
    const all = [...this.#forms].map(([form, { count, example, why }]) => ({ form, count, example, why }));
    all.sort((a, b) => Number(a.why !== null) - Number(b.why !== null) || b.count - a.count);
    const rest = all.slice(MOST_SHOWN).reduce((sum, { count }) => sum + count, this.#others);
    return { shown: all.slice(0, MOST_SHOWN), others: rest };
  }

  #add(form: string, found: Omit<Form, 'form'>): void {
    const known = this.#forms.get(form);
    if (known !== undefined) known.count += found.count;
    else {
      if (this.#forms.size >= MOST_FORMS) this.#letRarestGo();
      this.#forms.set(form, { ...found });
    }
  }

  #letRarestGo(): void {
    const counts = [...this.#forms.values()].map(({ count }) => count).sort((a, b) => a - b);
    const few = counts[MOST_FORMS >> 1] ?? 0;
    for (const [form, { count }] of this.#forms) {
      if (count > few) continue;
      this.#forms.delete(form);
      this.#others += count;
    }
  }
}

function reasonOf(uncounted: Uncounted, fact: Fact | undefined): string {
  return uncounted === 'other-stage' && fact?.type === 'reject'
    ? `refused at ${fact.stage}: no rule counts that`
    : UNCOUNTED[uncounted];
}

/** Of lines that say nothing of a client's doing, and are not read any further. */
function whyOf(message: string): string | null {
  return refusesNothing(message) ? 'nothing was refused' : null;
}

/** A text without what differs from line to line: addresses, quoted texts, numbers. */
function formOf(text: string): string {
  const plain = textOf(text)
    .replace(/; from=<.*/, '')
    .replace(/<[^<>]*>/g, '<…>')
    .replace(/(?<![^\s[\]])[^\s[\]]*\[[0-9a-fA-F.:]{2,64}\](?::\d{1,5})?/g, 'CLIENT')
    .replace(/\d{4,}|(?<![\d.])\d{1,3}(?![\d.])(?! \d\.\d\.\d)/g, 'N');
  return plain.slice(0, MAX_FORM);
}

/** Log text is bytes read as latin1. */
function textOf(line: string): string {
  return Buffer.from(line.slice(0, MAX_LINE), 'latin1').toString('utf8');
}
