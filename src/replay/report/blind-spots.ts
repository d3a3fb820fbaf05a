// The blind spots of the log reader: lines that it cannot read, and rejections that are not counted, by form.

import type { Fact } from '../../maillog/postfix/fact.ts';
import { looksLikeRefusal, refusesNothing, withoutQueueId } from '../../maillog/postfix/refusal-signs.ts';
import { UNCOUNTED, type Uncounted } from '../../maillog/postfix/uncounted.ts';
import type { LogRecord } from '../../maillog/syslog/record.ts';
import type { BlindSpots, Form } from './report.ts';

const MAX_FORMS = 200;
const MAX_SHOWN = 20;
const MAX_LINE = 320;
const MAX_FORM = 100;

export class BlindSpotFinder {
  readonly #unreadable = new Forms();
  /** by the name of an input whose end is not reached yet */
  readonly #unsettled = new Map<string, Forms>();
  readonly #uncounted = new Forms();

  /**
   * Takes a line that cannot be read. It counts when its input is settled.
   *
   * @param why it cannot be read, where known
   * @param name of the input
   */
  unreadable(line: string, why?: string, name = ''): void {
    const known = this.#unsettled.get(name);
    const forms = known ?? new Forms();
    if (known === undefined) this.#unsettled.set(name, forms);
    forms.add(formOf(line), line, why ?? null);
  }

  /**
   * The end of an input is reached. Lines of an input that is not a log are not blind spots.
   *
   * @returns whether it has lines that cannot be read
   */
  settle(name: string, isLog: boolean): boolean {
    const forms = this.#unsettled.get(name);
    this.#unsettled.delete(name);
    if (isLog && forms !== undefined) this.#unreadable.addAll(forms);
    return forms !== undefined;
  }

  /**
   * Takes a record that gave no event.
   *
   * @param fact of the record
   * @param uncounted why no rule counts it, where the log reader knows
   */
  look(record: LogRecord, fact: Fact | undefined, uncounted?: Uncounted): void {
    const { message, program } = record;
    // Two lines of every session, which never report a rejection: skip the search for its signs.
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

/** Forms with their counts; of too many, the rarest are evicted. */
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

  /** Adds the forms of others. */
  addAll(others: Forms): void {
    for (const [form, { count, example, why }] of others.#forms) this.#add(form, { count, example, why });
    this.#others += others.#others;
  }

  /** Forms without a reason come first: the reader does not know them. */
  get report(): { readonly shown: readonly Form[]; readonly others: number } {
    const all = [...this.#forms].map(([form, { count, example, why }]) => ({ form, count, example, why }));
    all.sort((a, b) => Number(a.why !== null) - Number(b.why !== null) || b.count - a.count);
    const rest = all.slice(MAX_SHOWN).reduce((sum, { count }) => sum + count, this.#others);
    return { shown: all.slice(0, MAX_SHOWN), others: rest };
  }

  #add(form: string, found: Omit<Form, 'form'>): void {
    const known = this.#forms.get(form);
    if (known !== undefined) known.count += found.count;
    else {
      if (this.#forms.size >= MAX_FORMS) this.#evictRarest();
      this.#forms.set(form, { ...found });
    }
  }

  #evictRarest(): void {
    const counts = [...this.#forms.values()].map(({ count }) => count).sort((a, b) => a - b);
    const few = counts[MAX_FORMS >> 1] ?? 0;
    for (const [form, { count }] of this.#forms) {
      if (count > few) continue;
      this.#forms.delete(form);
      this.#others += count;
    }
  }
}

function reasonOf(uncounted: Uncounted, fact: Fact | undefined): string {
  return uncounted === 'other-stage' && fact?.type === 'reject'
    ? `rejected at ${fact.stage}: no rule counts that`
    : UNCOUNTED[uncounted];
}

/** The reason of a line that gave no fact. */
function whyOf(message: string): string | null {
  return refusesNothing(message) ? 'nothing was rejected' : null;
}

/** A text without the parts that differ from line to line: addresses, quoted texts, numbers. */
function formOf(text: string): string {
  const plain = textOf(text)
    .replace(/; from=<.*/, '')
    .replace(/<[^<>]*>/g, '<…>')
    .replace(/(?<![^\s[\]])[^\s[\]]*\[[0-9a-fA-F.:]{2,64}\](?::\d{1,5})?/g, 'CLIENT')
    .replace(/\d{4,}|(?<![\d.])\d{1,3}(?![\d.])(?! \d\.\d\.\d)/g, 'N');
  return plain.slice(0, MAX_FORM);
}

/** Decodes log text, which is bytes read as latin1. */
function textOf(line: string): string {
  return Buffer.from(line.slice(0, MAX_LINE), 'latin1').toString('utf8');
}
