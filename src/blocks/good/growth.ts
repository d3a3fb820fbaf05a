// The growth of arrays that clients fill: little is free after a step, and less where it is known how many will come.

/** Little is free after a step, and little is copied in one. */
const USUAL = 1.25;
/** Of the expected clients, an array gets the part that it has of those that are here; chance may give it a few more. */
const MARGIN = 1.05;
/** Of few clients, that part is a poor guess. */
const MAX_STEP = 8;

export class Growth {
  readonly #size: () => number;
  #expected = 0;

  /** @param size clients that are here, in all arrays */
  constructor(size: () => number) {
    this.#size = size;
  }

  /** So many clients are about to be added. Nothing depends on it but how often the arrays are copied. */
  expect(clients: number): void {
    this.#expected = clients;
  }

  /** A client is added. */
  added(): void {
    if (this.#expected > 0) this.#expected--;
  }

  /** Places of an array that so many clients have filled, and more. */
  placesFor(clients: number): number {
    const step = Math.min((1 + this.#expected / Math.max(this.#size(), 1)) * MARGIN, MAX_STEP);
    return Math.ceil(clients * Math.max(step, USUAL));
  }
}
