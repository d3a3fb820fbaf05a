// Log lines by source, the newest stamp of each, and the lines that were not understood. Bounded.

import { looksLikeRefusal, refusesNothing } from '../../maillog/postfix/refusal-signs.ts';
import type { LogRecord } from '../../maillog/syslog/record.ts';
import type { Sample } from './families.ts';

/** Sources that are counted: a policy names a few, and reloads may name others. */
const MAX_SOURCES = 64;

/** Why a line was not understood. */
export const UNREAD_FORMS = ['header', 'rejection', 'overlong'] as const;

export type UnreadForm = (typeof UNREAD_FORMS)[number];

interface SourceLines {
  readonly source: string;
  lines: number;
  /** ms since 1970 */
  newest: number;
}

export class LogLineCounts {
  readonly #sources = new Map<string, SourceLines>();
  /** Lines of one source come one after the other. */
  #last: SourceLines | undefined;
  readonly #unread = new Map<UnreadForm, number>(UNREAD_FORMS.map((form) => [form, 0]));

  /**
   * A record was read.
   * @param isUnderstood whether it has a fact
   * @param stamp ms since 1970: that of the line
   */
  line({ program, message }: LogRecord, isUnderstood: boolean, source: string, stamp: number): void {
    const counted = this.#last?.source === source ? this.#last : this.#countsOf(source);
    counted.lines++;
    if (stamp > counted.newest) counted.newest = stamp;
    if (isUnderstood || (program !== 'smtpd' && program !== 'postscreen' && program !== 'cleanup')) return;
    if (looksLikeRefusal(message) && !refusesNothing(message)) this.unread('rejection', 1);
  }

  unread(form: UnreadForm, lines: number): void {
    this.#unread.set(form, (this.#unread.get(form) ?? 0) + lines);
  }

  /** @param sources names of those that are followed */
  samples(sources: readonly string[]): readonly Sample[] {
    return sources.map((source) => [this.#sources.get(source)?.lines ?? 0, source]);
  }

  /** In seconds since 1970; none for a source without a line. @param sources names of those that are followed */
  newest(sources: readonly string[]): readonly Sample[] {
    return sources.flatMap((source): Sample[] => {
      const newest = this.#sources.get(source)?.newest ?? 0;
      return newest > 0 ? [[newest / 1000, source]] : [];
    });
  }

  get unreadSamples(): readonly Sample[] {
    return [...this.#unread].map(([form, lines]) => [lines, form]);
  }

  #countsOf(source: string): SourceLines {
    const known = this.#sources.get(source) ?? { source, lines: 0, newest: 0 };
    const [oldest] = this.#sources.keys();
    if (oldest !== undefined && this.#sources.size >= MAX_SOURCES) this.#sources.delete(oldest);
    this.#sources.set(source, known);
    this.#last = known;
    return known;
  }
}
