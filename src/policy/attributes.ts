// The names of the attributes that are wanted of a request, found in its bytes.

const EQUALS = 61;

interface Name {
  /** its place in the list */
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
   * The place in the list of the name that stands from `start` up to the equals sign at `equals`; -1 where it is no
   * name of the list.
   */
  find(bytes: Buffer, start: number, equals: number): number {
    const candidates = this.#byLength[equals + 1 - start];
    if (candidates === undefined) return -1;
    for (const { index, bytes: name } of candidates) if (stands(name, bytes, start)) return index;
    return -1;
  }
}

function stands(name: Buffer, bytes: Buffer, start: number): boolean {
  for (let i = 0; name[i] !== EQUALS; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
