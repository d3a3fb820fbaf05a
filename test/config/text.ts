// Policies for tests: texts that are read, and their mistakes as an administrator sees them.

import { type Config, parseConfig } from '../../src/config/config.ts';
import { mistakeText } from '../../src/config/yaml/mistake.ts';

/** The shortest `rules:` there can be, in a line of its own. */
export const RULES =
  'rules: {r: {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.}}\n';

export const PATH = '/etc/postblock/policy.yml';

/** @throws with the mistakes, where there are any */
export function configOf(text: string): Config {
  const { config, mistakes } = parseConfig(text, PATH);
  if (config === undefined)
    throw new Error(mistakes.map((mistake) => mistakeText('policy.yml', mistake)).join('\n'));
  return config;
}

/** All mistakes of a text, each as `LINE:COL: KEY: what is wrong`. */
export function mistakesOf(text: string): string[] {
  const { mistakes = [] } = parseConfig(text, PATH);
  return mistakes.map((mistake) => mistakeText('policy.yml', mistake).slice('policy.yml:'.length));
}

/** Where the mistakes are, each as `LINE:COL: KEY`. */
export function placesOf(text: string): string[] {
  const { mistakes = [] } = parseConfig(text, PATH);
  return mistakes.map(({ line, column, key }) => `${line}:${column}: ${key}`);
}
