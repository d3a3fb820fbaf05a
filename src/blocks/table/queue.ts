// A queue whose links are fields of its items, so that moving an item allocates no memory.

/** What a queue needs of its items. */
export interface Queued<T extends Queued<T>> {
  queue: Queue<T> | undefined;
  previous: T | undefined;
  next: T | undefined;
}

/** Items in the order in which they were appended. */
export class Queue<T extends Queued<T>> implements Iterable<T> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;
  /** of all items together; the caller that adds and removes them keeps it */
  weight = 0;

  get first(): T | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  append(item: T): void {
    item.queue = this;
    item.previous = this.#last;
    item.next = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#size++;
  }

  moveToEnd(item: T): void {
    if (item === this.#last) return;
    this.remove(item);
    this.append(item);
  }

  remove(item: T): void {
    if (item.previous === undefined) this.#first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) this.#last = item.previous;
    else item.next.previous = item.previous;
    item.queue = undefined;
    item.previous = undefined;
    item.next = undefined;
    this.#size--;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let item = this.#first; item !== undefined; item = item.next) yield item;
  }
}
