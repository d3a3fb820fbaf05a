// Scripts in the order in which their next lines are due: a binary heap.

import type { Script } from './script.ts';

export class Timetable {
  readonly #heap: Script[] = [];

  get first(): Script | undefined {
    return this.#heap[0];
  }

  add(script: Script): void {
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Script;
      if (parent.at <= script.at) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = script;
  }

  /** To be called when the first script has come to its next line, or to its end. */
  sift(): void {
    const heap = this.#heap;
    let script = heap[0];
    if (script?.isOver) {
      const last = heap.pop();
      if (heap.length === 0) return;
      script = last;
    }
    if (script === undefined) return;
    let place = 0;
    for (;;) {
      const below = this.#earlierChild(place);
      const child = heap[below];
      if (child === undefined || child.at >= script.at) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = script;
  }

  #earlierChild(place: number): number {
    const left = 2 * place + 1;
    const right = this.#heap[left + 1];
    return right !== undefined && right.at < (this.#heap[left]?.at ?? 0) ? left + 1 : left;
  }
}
