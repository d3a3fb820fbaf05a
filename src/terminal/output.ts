// Standard output, which a slow reader may hold up.

import { once } from 'node:events';

export class Output {
  #waiting: string[] = [];

  /** A line of JSON. */
  line(object: object): void {
    this.#waiting.push(`${JSON.stringify(object)}\n`);
  }

  text(text: string): void {
    this.#waiting.push(text);
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Writes what waits, and waits until there is room for more. */
  async flush(): Promise<void> {
    if (!this.isWaiting) return;
    const text = this.#waiting.join('');
    this.#waiting = [];
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  }
}
