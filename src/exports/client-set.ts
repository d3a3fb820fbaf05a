// A set of many client keys, in parts: a Set of a million stops the world each time that it grows.

const PARTS = 64;

export class ClientSet {
  readonly #parts = Array.from({ length: PARTS }, () => new Set<string>());

  has(key: string): boolean {
    return this.#partOf(key)?.has(key) === true;
  }

  /** @returns false where it was there already */
  add(key: string): boolean {
    const part = this.#partOf(key);
    if (part === undefined || part.has(key)) return false;
    part.add(key);
    return true;
  }

  #partOf(key: string): Set<string> | undefined {
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
    // The low bits of a product hold little of the first characters.
    return this.#parts[(hash ^ (hash >>> 16)) & (PARTS - 1)];
  }
}
