// The script of one session, message or program: the lines that it will log, and the time between them.

import type { Process, Processes } from './host.ts';
import type { Timed } from './timetable.ts';

export class Script implements Timed {
  /** when the next line is logged, ms since 1970 */
  at: number;
  readonly #lines: string[] = [];
  readonly #delays: number[] = [];
  readonly #taken: (readonly [Processes, Process])[] = [];
  #next = 0;

  constructor(at: number) {
    this.at = at;
  }

  /** A process that no other script uses until this one is over. */
  hold(processes: Processes): string {
    const process = processes.take();
    this.#taken.push([processes, process]);
    return process.tag;
  }

  /** @param delay ms since the line before */
  say(delay: number, tag: string, message: string): this {
    this.#delays.push(delay);
    this.#lines.push(`${tag}: ${message}\n`);
    return this;
  }

  get isOver(): boolean {
    return this.#next >= this.#lines.length;
  }

  /** The line that is due, without its stamp. `at` is then the time of the next line. */
  take(): string {
    const line = this.#lines[this.#next++] ?? '';
    if (this.isOver) for (const [processes, process] of this.#taken) processes.release(process);
    else this.at += this.#delays[this.#next] ?? 0;
    return line;
  }
}
