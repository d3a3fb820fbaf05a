// Finds the names of wanted attributes in the bytes of a request.

const EQUALS = 61;

interface Name {
  /** index in the list */
  readonly index: number;
  /** with the equals sign */
  readonly bytes: Buffer;
}

/** Looks only at names of the right length, so that most attributes cost no comparison. */
export class AttributeNames {
  readonly #byLength: readonly (readonly Name[] | undefined)[];

  constructor(names: readonly string[]) {
    const all = names.map((name, index) => ({ index, bytes: Buffer.from(`${name}=`) }));
    const longest = Math.max(...all.map(({ bytes }) => bytes.length));
    this.#byLength = Array.from({ length: longest + 1 }, (_, length) => {
      const same = all.filter(({ bytes }) => bytes.length === length);
      return same.length === 0 ? undefined : same;
    });
  }

  /**
   * The index in the list of the name between `start` and the equals sign at `equals`; -1 if the name is not in the
   * list.
   */
  find(bytes: Buffer, start: number, equals: number): number {
    const candidates = this.#byLength[equals + 1 - start];
    if (candidates === undefined) return -1;
    for (const { index, bytes: name } of candidates) if (isAt(name, bytes, start)) return index;
    return -1;
  }
}

function isAt(name: Buffer, bytes: Buffer, start: number): boolean {
  for (let i = 0; name[i] !== EQUALS; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
