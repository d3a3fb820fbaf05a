// Values that the command line puts in the place of those in policy.yml.

import { type Document, isMap, parse } from 'yaml';
import type { Mistake } from './fields.ts';

export interface Override {
  /** the option that brings it, such as `--set` */
  readonly option: string;
  /** as in `rules.auth-failures.limit` */
  readonly key: string;
  /** YAML */
  readonly value: string;
}

/** Puts the values into the document. @returns what is wrong with them before they are read as options */
export function applyOverrides(document: Document, overrides: readonly Override[]): readonly Mistake[] {
  return overrides.flatMap((override) => {
    const path = pathOf(override.key);
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    if (!isMap(parent))
      return mistake(
        override,
        `${path.slice(0, -1).join('.')} is not in the policy; expected an option of it`,
      );
    try {
      parent.set(path.at(-1), document.createNode(parse(override.value)));
      return [];
    } catch {
      return mistake(override, `${JSON.stringify(override.value)} is no value; expected YAML`);
    }
  });
}

/** Mistakes in a value that was put in are the command line's, not the file's. */
export function inOptions(mistakes: readonly Mistake[], overrides: readonly Override[]): Mistake[] {
  return mistakes.map((known) => {
    const { key } = known;
    const from = overrides.findLast((override) => key === override.key || key.startsWith(`${override.key}[`));
    return from === undefined || known.option !== undefined ? known : { ...known, option: optionText(from) };
  });
}

/** A rule's name may hold dots. */
function pathOf(key: string): readonly string[] {
  const [, rule, option] = /^rules\.(.+)\.([^.]+)$/.exec(key) ?? [];
  return rule === undefined || option === undefined ? key.split('.') : ['rules', rule, option];
}

function mistake(override: Override, message: string): Mistake[] {
  return [{ line: 0, column: 0, key: override.key, message, option: optionText(override) }];
}

function optionText({ option, key, value }: Override): string {
  return `${option} ${key}=${value}`;
}
