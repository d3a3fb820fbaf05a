// Reads YAML nodes with their places, and gathers every mistake instead of stopping at the first.

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { aliasTargets } from './aliases.ts';
import { type Mistake, MOST_MISTAKES } from './mistake.ts';
import { placeOf } from './yaml-text.ts';

/**
 * Values that are read, those that an alias repeats each time: a few anchors and aliases can stand for more than
 * memory and time hold.
 */
const MOST_VALUES = 200_000;

/** Thrown where reading on would bring nothing but more mistakes, or take too long. */
export class Enough extends Error {}

/** Where an option stands. */
export interface Place {
  readonly key: string;
  /** its value; undefined where the key stands alone */
  readonly node: unknown;
  /** its key, which tells the place where there is no value */
  readonly keyNode?: unknown;
}

/** Reads one option; undefined after a mistake, which it has told. */
export type Read<T> = (place: Place, fields: Fields) => T | undefined;

export class Fields {
  readonly mistakes: Mistake[] = [];
  readonly #aliases: ReadonlyMap<Alias, Node>;
  readonly #lines: LineCounter;
  #values = 0;

  constructor(document: Document, lines: LineCounter) {
    this.#aliases = aliasTargets(document);
    this.#lines = lines;
  }

  /** Tells a mistake. @returns undefined, so that a reader can end with it @throws Enough where there are too many */
  wrong(place: Place, message: string): undefined {
    const given = place.node ?? place.keyNode;
    // An item of an ordered mapping (!!omap) is a pair, and a pair has no place of its own.
    const node = (isPair(given) ? given.key : given) as Node | undefined;
    this.mistakes.push({ ...placeOf(this.#lines, node?.range?.[0] ?? 0), key: place.key, message });
    if (this.mistakes.length > MOST_MISTAKES) throw new Enough();
  }

  text(place: Place, expected: string): string | undefined {
    const node = this.#resolved(place.node);
    if (isScalar(node) && typeof node.value === 'string' && node.value !== '') return node.value;
    return this.wrong(place, `${shown(node)} is not a text; expected ${expected}`);
  }

  integer(place: Place, least: number, most: number): number | undefined {
    const node = this.#resolved(place.node);
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    const wrong = Number.isInteger(value) ? 'is out of range' : 'is no whole number';
    return this.wrong(place, `${shown(node)} ${wrong}; expected a whole number from ${least} to ${most}`);
  }

  boolean(place: Place): boolean | undefined {
    const node = this.#resolved(place.node);
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    return this.wrong(place, `${shown(node)} is neither yes nor no; expected true or false`);
  }

  oneOf<T extends string>(place: Place, choices: readonly T[]): T | undefined {
    const node = this.#resolved(place.node);
    const value = isScalar(node) ? node.value : undefined;
    const found = choices.find((choice) => choice === value);
    return found ?? this.wrong(place, `${shown(node)} is not known; expected one of ${choices.join(', ')}`);
  }

  /** The text as it stands in the file, for numbers that YAML would read otherwise, such as 0660. */
  source(place: Place): string {
    const node = this.#resolved(place.node);
    return isScalar(node) ? (node.source ?? String(node.value)) : '';
  }

  /** A list, each item read on its own; undefined where one has a mistake. */
  list<T>(place: Place, expected: string, read: Read<T>): T[] | undefined {
    const node = this.#resolved(place.node);
    if (!isSeq(node)) return this.wrong(place, `${shown(node)} is not a list; expected ${expected}`);
    this.#spend(node.items.length, place);
    const items = node.items.flatMap(
      (item, i) => read({ key: `${place.key}[${i}]`, node: item }, this) ?? [],
    );
    return items.length === node.items.length ? items : undefined;
  }

  /** A list with at least one item. */
  filledList<T>(place: Place, expected: string, read: Read<T>): T[] | undefined {
    const items = this.list(place, expected, read);
    return items?.length === 0 ? this.wrong(place, `is empty; expected ${expected}`) : items;
  }

  isList(place: Place): boolean {
    return isSeq(this.#resolved(place.node));
  }

  isText(place: Place): boolean {
    const node = this.#resolved(place.node);
    return isScalar(node) && node.value !== null;
  }

  /** A mapping, read option by option. */
  map(place: Place, expected: string): MapFields | undefined {
    const node = this.#resolved(place.node);
    if (isMap(node)) {
      this.#spend(node.items.length, place);
      return new MapFields(this, place.key, node);
    }
    return this.wrong(place, `${shown(node)} is not a mapping; expected ${expected}`);
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? this.#aliases.get(node) : node;
  }

  #spend(values: number, place: Place): void {
    this.#values += values;
    if (this.#values <= MOST_VALUES) return;
    const expected = `expected a policy of at most ${MOST_VALUES} values, those of aliases included`;
    this.wrong(place, `is too much; ${expected}`);
    throw new Enough();
  }
}

/** The options of one mapping. `finish` tells those that nobody asked for. */
export class MapFields {
  readonly #fields: Fields;
  readonly #key: string;
  readonly #map: YAMLMap;
  readonly #asked = new Set<string>();

  constructor(fields: Fields, key: string, map: YAMLMap) {
    this.#fields = fields;
    this.#key = key;
    this.#map = map;
    this.#tellDoubles();
  }

  get isEmpty(): boolean {
    return this.#map.items.length === 0;
  }

  has(name: string): boolean {
    return this.#pair(name) !== undefined;
  }

  /** The option's value, or the default where it is not set; undefined after a mistake. */
  optional<T, D>(name: string, read: Read<T>, fallback: D): T | D | undefined {
    this.#asked.add(name);
    const pair = this.#pair(name);
    return pair === undefined ? fallback : read(this.#place(pair), this.#fields);
  }

  required<T>(name: string, read: Read<T>): T | undefined {
    if (this.has(name)) return this.optional(name, read, undefined);
    this.#asked.add(name);
    const place = { key: this.#path(name), node: this.#map };
    return this.#fields.wrong(place, 'is missing; expected it to be set');
  }

  /** Every entry of a mapping whose keys are names that the administrator chose. */
  entries<T>(read: (name: string, place: Place) => T | undefined): T[] {
    return this.#map.items.flatMap((pair) => {
      this.#asked.add(nameOf(pair));
      return read(nameOf(pair), this.#place(pair)) ?? [];
    });
  }

  finish(): void {
    for (const pair of this.#map.items) {
      if (this.#asked.has(nameOf(pair))) continue;
      const place = { key: this.#path(nameOf(pair)), node: pair.key };
      this.#fields.wrong(place, `is not known; expected one of ${[...this.#asked].join(', ')}`);
    }
  }

  #pair(name: string): Pair | undefined {
    return this.#map.items.find((pair) => nameOf(pair) === name);
  }

  #place(pair: Pair): Place {
    const { key, value } = pair;
    return { key: this.#path(nameOf(pair)), node: value ?? undefined, keyNode: key };
  }

  #path(name: string): string {
    return this.#key === '' ? name : `${this.#key}.${name}`;
  }

  #tellDoubles(): void {
    const names = new Set<string>();
    for (const pair of this.#map.items) {
      const name = nameOf(pair);
      if (names.has(name))
        this.#fields.wrong({ key: this.#path(name), node: pair.key }, 'is set twice; expected once');
      names.add(name);
    }
  }
}

/** The key as text: `1` and `"1"` are one option. */
export function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : '';
}

function shown(node: unknown): string {
  if (isSeq(node)) return 'a list';
  if (isMap(node)) return 'a mapping';
  if (!isScalar(node) || node.value === null) return 'nothing';
  return JSON.stringify(node.source ?? node.value).slice(0, 60);
}
