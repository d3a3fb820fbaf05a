// Two sums for each of some thousand clients: of two bytes each, until one of them is larger.

const NARROW = 0xffff;
/** A sum stays there: it never starts again at zero. */
const MAX_SUM = 0xffff_ffff;
const GROWTH = 1.25;

export class Sums {
  #sums: Uint16Array | Uint32Array = new Uint16Array(0);

  /** Of the present period. */
  current(index: number): number {
    return this.#sums[index * 2] ?? 0;
  }

  /** Of the period before it. */
  previous(index: number): number {
    return this.#sums[index * 2 + 1] ?? 0;
  }

  /** @param room clients that may come: it grows for all of them at once */
  set(index: number, current: number, previous: number, room = 0): void {
    if (index * 2 >= this.#sums.length) {
      if (current === 0 && previous === 0) return;
      this.#grow(Math.max(Math.ceil((index + 1) * GROWTH), room));
    }
    this.#write(index * 2, current);
    this.#write(index * 2 + 1, previous);
  }

  #write(place: number, value: number): void {
    if (value > NARROW && this.#sums instanceof Uint16Array) this.#sums = Uint32Array.from(this.#sums);
    this.#sums[place] = Math.min(value, MAX_SUM);
  }

  #grow(clients: number): void {
    const length = clients * 2;
    const sums = this.#sums instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length);
    sums.set(this.#sums);
    this.#sums = sums;
  }
}
