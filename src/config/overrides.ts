// Values of the command line that replace values of policy.yml.

import { type Document, isAlias, isMap, type Node, parseDocument, type YAMLMap } from 'yaml';
import { nameOf } from './fields/fields.ts';
import type { Mistake } from './yaml/mistake.ts';
import { tooDeepAt } from './yaml/nesting.ts';

export interface Override {
  /** the option that gives it, such as `--set` */
  readonly option: string;
  /** as in `rules.auth-failures.limit` */
  readonly key: string;
  /** YAML */
  readonly value: string;
}

/** Sets the values in the document. @returns the mistakes that are found before the values are read as options */
export function applyOverrides(document: Document, overrides: readonly Override[]): readonly Mistake[] {
  return overrides.flatMap((override) => {
    const path = pathOf(override.key, document);
    const parent = mapAt(document, path.slice(0, -1));
    if (parent === undefined) return mistake(override, `${parentText(path)}; expected an option of it`);
    const value = yamlOf(override);
    if (value === undefined)
      return mistake(override, `${JSON.stringify(override.value)} is not valid YAML; expected a value`);
    // The key as a node too: nameOf() finds no name in another key.
    parent.set(document.createNode(path.at(-1)), value);
    return [];
  });
}

/** Gives mistakes in a replaced value the option of the command line in place of the line of the file. */
export function inOptions(mistakes: readonly Mistake[], overrides: readonly Override[]): Mistake[] {
  return mistakes.map((known) => {
    const { key } = known;
    const from = overrides.findLast(
      ({ key: set }) => key === set || ['[', '.'].includes(restAfter(set, key).charAt(0)),
    );
    return from === undefined || known.option !== undefined ? known : { ...known, option: optionText(from) };
  });
}

/** The mapping at a path. An alias on the way is replaced by a copy, so that the mapping it stands for stays as it is. */
function mapAt(document: Document, path: readonly string[]): YAMLMap | undefined {
  let node: unknown = document.contents;
  for (const name of path) {
    const pair = isMap(node) ? node.items.find((candidate) => nameOf(candidate) === name) : undefined;
    if (pair !== undefined && isAlias(pair.value)) pair.value = pair.value.resolve(document)?.clone();
    node = pair?.value;
  }
  return isMap(node) ? node : undefined;
}

/** undefined if it is not YAML, or YAML of which only a part would be used */
function yamlOf({ value }: Override): Node | null | undefined {
  if (tooDeepAt(value) !== undefined) return undefined;
  const { contents, errors, warnings } = parseDocument(value);
  return errors.length + warnings.length > 0 ? undefined : contents;
}

function parentText(path: readonly string[]): string {
  return path.length === 1
    ? 'the policy has no options'
    : `${path.slice(0, -1).join('.')} is not in the policy`;
}

/** A rule's name may hold dots: of the rules that fit, the one with the longest name. */
function pathOf(key: string, document: Document): readonly string[] {
  const [, rest] = /^rules\.(.+)$/.exec(key) ?? [];
  if (rest === undefined) return key.split('.');
  const names = mapAt(document, ['rules'])?.items.map(nameOf) ?? [];
  const known = names.filter((name) => restAfter(name, rest).startsWith('.'));
  const rule = known.toSorted((a, b) => b.length - a.length)[0];
  if (rule !== undefined) return ['rules', rule, ...rest.slice(rule.length + 1).split('.')];
  const dot = rest.lastIndexOf('.');
  return dot < 0 ? ['rules', rest] : ['rules', rest.slice(0, dot), rest.slice(dot + 1)];
}

/** What follows the beginning of a text; empty if it begins otherwise. */
function restAfter(beginning: string, text: string): string {
  return text.startsWith(beginning) ? text.slice(beginning.length) : '';
}

function mistake(override: Override, message: string): Mistake[] {
  return [{ line: 0, column: 0, key: override.key, message, option: optionText(override) }];
}

function optionText({ option, key, value }: Override): string {
  return `${option} ${key}=${value}`;
}
