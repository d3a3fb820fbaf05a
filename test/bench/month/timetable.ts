// The timetable of concurrent scripts: a binary heap that gives the one that is due next.

export interface Timed {
  /** when it continues, ms since 1970 */
  readonly at: number;
  readonly isOver: boolean;
}

export class Timetable<T extends Timed> {
  readonly #heap: T[] = [];

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(item: T): void {
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as T;
      if (parent.at <= item.at) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = item;
  }

  /** Call it when the first item has continued, or is over. */
  sift(): void {
    const heap = this.#heap;
    let item = heap[0];
    if (item?.isOver) {
      const last = heap.pop();
      if (heap.length === 0) return;
      item = last;
    }
    if (item === undefined) return;
    let place = 0;
    for (;;) {
      const below = this.#earlierChild(place);
      const child = heap[below];
      if (child === undefined || child.at >= item.at) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = item;
  }

  #earlierChild(place: number): number {
    const left = 2 * place + 1;
    const right = this.#heap[left + 1];
    return right !== undefined && right.at < (this.#heap[left]?.at ?? 0) ? left + 1 : left;
  }
}
