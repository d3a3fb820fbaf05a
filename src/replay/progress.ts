// The progress of a replay: one line that is redrawn on a terminal, and nothing elsewhere.

import { durationText } from '../values/duration.ts';
import type { ReadProgress } from './input/merged-inputs.ts';

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** ms between two drawings */
const EVERY = 200;
const BAR = 24;
const MIB = 1 << 20;
/** ECMA-48: moves to the first column and erases the line */
const CLEAR = '\r\x1b[K';

export class Progress {
  readonly #screen: Screen;
  readonly #started: number;
  #drawn: number;
  #isShown = false;

  /** @param now ms since 1970 */
  constructor(screen: Screen, now: number) {
    this.#screen = screen;
    this.#started = now;
    this.#drawn = now;
  }

  update(read: ReadProgress, now: number): void {
    if (!this.#screen.isTTY || now - this.#drawn < EVERY) return;
    this.#drawn = now;
    this.#isShown = true;
    // A terminal of unknown width reports 0.
    const line = progressText(read, now - this.#started);
    this.#screen.write(CLEAR + line.slice(0, (this.#screen.columns || 80) - 1));
  }

  /** Erases the line. */
  clear(): void {
    if (this.#isShown) this.#screen.write(CLEAR);
    this.#isShown = false;
  }
}

/** @param elapsed ms since reading began */
export function progressText({ bytes, total, lines }: ReadProgress, elapsed: number): string {
  const rate = Math.round((lines / Math.max(1, elapsed)) * 1000);
  const speed = `${rate.toLocaleString('en')} lines/s`;
  if (total === undefined || total === 0) return `${mib(bytes)} MiB, ${speed}`;
  const part = Math.min(1, bytes / total);
  const filled = Math.round(part * BAR);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}]`;
  const left = part === 0 ? '' : `, ${durationText((elapsed / part) * (1 - part))} left`;
  return `${bar} ${Math.floor(part * 100)}% ${mib(bytes)} of ${mib(total)} MiB, ${speed}${left}`;
}

function mib(bytes: number): string {
  return Math.round(bytes / MIB).toLocaleString('en');
}
