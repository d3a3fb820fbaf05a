// A reader of YAML nodes that collects every mistake, with its line and column, instead of stopping at the first.

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
import { aliasTargets } from '../yaml/aliases.ts';
import { MAX_MISTAKES, type Mistake, unknownText } from '../yaml/mistake.ts';
import { lineAndColumn } from '../yaml/yaml-text.ts';

/** Values that are read, counting those that aliases repeat: a few aliases can multiply to more than memory holds. */
const MAX_VALUES = 200_000;

/** Thrown where reading on would only find more mistakes, or take too long. */
export class StopReading extends Error {}

/** An option in the YAML document. */
export interface OptionNode {
  readonly key: string;
  /** its value; undefined if it has only a key */
  readonly node: unknown;
  /** its key, which gives line and column if there is no value */
  readonly keyNode?: unknown;
}

/** Reads one option; undefined after a mistake, which it has reported. */
export type Read<T> = (place: OptionNode, fields: Fields) => T | undefined;

export class Fields {
  readonly mistakes: Mistake[] = [];
  readonly #aliases: ReadonlyMap<Alias, Node>;
  readonly #lines: LineCounter;
  #values = 0;

  constructor(document: Document, lines: LineCounter) {
    this.#aliases = aliasTargets(document);
    this.#lines = lines;
  }

  /** Reports a mistake. @returns undefined, so that a reader can return it @throws StopReading if there are too many */
  wrong(place: OptionNode, message: string): undefined {
    const given = place.node ?? place.keyNode;
    // An item of an ordered mapping (!!omap) is a pair, and a pair has no range.
    const node = (isPair(given) ? given.key : given) as Node | undefined;
    this.mistakes.push({ ...lineAndColumn(this.#lines, node?.range?.[0] ?? 0), key: place.key, message });
    if (this.mistakes.length > MAX_MISTAKES) throw new StopReading();
  }

  text(place: OptionNode, expected: string): string | undefined {
    const node = this.#resolved(place.node);
    if (isScalar(node) && typeof node.value === 'string' && node.value !== '') return node.value;
    if (isScalar(node) && node.value === '') return this.wrong(place, `is empty; expected ${expected}`);
    const quoted = isScalar(node) && node.value !== null ? ', in quotes' : '';
    return this.wrong(place, `${nodeText(node)} is not text; expected ${expected}${quoted}`);
  }

  integer(place: OptionNode, min: number, max: number): number | undefined {
    const node = this.#resolved(place.node);
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    const wrong = Number.isInteger(value) ? 'is out of range' : 'is not a whole number';
    return this.wrong(place, `${nodeText(node)} ${wrong}; expected a whole number from ${min} to ${max}`);
  }

  /** A number, with a fraction or without. */
  number(place: OptionNode, min: number, max: number): number | undefined {
    const node = this.#resolved(place.node);
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && value >= min && value <= max) return value;
    const wrong = typeof value === 'number' ? 'is out of range' : 'is not a number';
    return this.wrong(place, `${nodeText(node)} ${wrong}; expected a number from ${min} to ${max}`);
  }

  boolean(place: OptionNode): boolean | undefined {
    const node = this.#resolved(place.node);
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    return this.wrong(place, `${nodeText(node)} is not valid; expected true or false`);
  }

  oneOf<T extends string>(place: OptionNode, choices: readonly T[]): T | undefined {
    const node = this.#resolved(place.node);
    const value = isScalar(node) ? node.value : undefined;
    const found = choices.find((choice) => choice === value);
    return (
      found ?? this.wrong(place, `${nodeText(node)} is not known; expected one of ${choices.join(', ')}`)
    );
  }

  /** The text as written in the file, for numbers that YAML would read differently, such as 0660. */
  source(place: OptionNode): string {
    const node = this.#resolved(place.node);
    return isScalar(node) ? (node.source ?? String(node.value)) : '';
  }

  /** A list, each item read on its own; undefined if one has a mistake. */
  list<T>(place: OptionNode, expected: string, read: Read<T>): T[] | undefined {
    const node = this.#resolved(place.node);
    if (!isSeq(node)) return this.wrong(place, `${nodeText(node)} is not a list; expected ${expected}`);
    this.#count(node.items.length, place);
    const items = node.items.flatMap(
      (item, i) => read({ key: `${place.key}[${i}]`, node: item }, this) ?? [],
    );
    return items.length === node.items.length ? items : undefined;
  }

  /** A list with at least one item. */
  filledList<T>(place: OptionNode, expected: string, read: Read<T>): T[] | undefined {
    const items = this.list(place, expected, read);
    return items?.length === 0 ? this.wrong(place, `is empty; expected ${expected}`) : items;
  }

  isList(place: OptionNode): boolean {
    return isSeq(this.#resolved(place.node));
  }

  isText(place: OptionNode): boolean {
    const node = this.#resolved(place.node);
    return isScalar(node) && node.value !== null;
  }

  /** Without a value, as in `journal:`. */
  isEmpty(place: OptionNode): boolean {
    const node = this.#resolved(place.node);
    return node === undefined || (isScalar(node) && node.value === null);
  }

  /** A mapping, read option by option. */
  map(place: OptionNode, expected: string): MapFields | undefined {
    const node = this.#resolved(place.node);
    if (isMap(node)) {
      this.#count(node.items.length, place);
      return new MapFields(this, place.key, node);
    }
    return this.wrong(place, `${nodeText(node)} is not a mapping; expected ${expected}`);
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? (this.#aliases.get(node) ?? node) : node;
  }

  #count(values: number, place: OptionNode): void {
    this.#values += values;
    if (this.#values <= MAX_VALUES) return;
    const expected = `expected at most ${MAX_VALUES}, counting those that aliases repeat`;
    this.wrong(place, `has too many values; ${expected}`);
    throw new StopReading();
  }
}

/** The options of one mapping. `finish` reports those that are not known. */
export class MapFields {
  readonly #fields: Fields;
  readonly #key: string;
  readonly #map: YAMLMap;
  readonly #known = new Set<string>();

  constructor(fields: Fields, key: string, map: YAMLMap) {
    this.#fields = fields;
    this.#key = key;
    this.#map = map;
    this.#reportDuplicates();
  }

  get isEmpty(): boolean {
    return this.#map.items.length === 0;
  }

  has(name: string): boolean {
    return this.#pair(name) !== undefined;
  }

  /** The option's value, or the default if it is not set; undefined after a mistake. */
  optional<T, D>(name: string, read: Read<T>, fallback: D): T | D | undefined {
    this.#known.add(name);
    const pair = this.#pair(name);
    return pair === undefined ? fallback : read(this.#place(pair), this.#fields);
  }

  /** @param example a value that it can have, for the message if it is not set */
  required<T>(name: string, read: Read<T>, example: string): T | undefined {
    if (this.has(name)) return this.optional(name, read, undefined);
    this.#known.add(name);
    const place = { key: this.#path(name), node: this.#map };
    return this.#fields.wrong(place, `is missing; expected it to be set, as in ${name}: ${example}`);
  }

  /** Every entry of a mapping whose keys are names that the administrator chose. */
  entries<T>(read: (name: string, place: OptionNode) => T | undefined): T[] {
    return this.#map.items.flatMap((pair) => {
      this.#known.add(nameOf(pair));
      return read(nameOf(pair), this.#place(pair)) ?? [];
    });
  }

  finish(): void {
    for (const pair of this.#map.items) {
      if (this.#known.has(nameOf(pair))) continue;
      const place = { key: this.#path(nameOf(pair)), node: pair.key };
      this.#fields.wrong(place, unknownText(nameOf(pair), [...this.#known]));
    }
  }

  #pair(name: string): Pair | undefined {
    return this.#map.items.find((pair) => nameOf(pair) === name);
  }

  #place(pair: Pair): OptionNode {
    const { key, value } = pair;
    return { key: this.#path(nameOf(pair)), node: value ?? undefined, keyNode: key };
  }

  #path(name: string): string {
    return this.#key === '' ? name : `${this.#key}.${name}`;
  }

  #reportDuplicates(): void {
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

function nodeText(node: unknown): string {
  if (isSeq(node)) return 'a list';
  if (isMap(node)) return 'a mapping';
  if (isAlias(node)) return `*${node.source.slice(0, 60)} without quotes`;
  if (!isScalar(node) || node.value === null) return 'nothing';
  return JSON.stringify(node.source ?? node.value).slice(0, 60);
}
