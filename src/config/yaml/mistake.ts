// A mistake in policy.yml, or in an option of the command line that replaces a value of it, and its text.

import { nearName } from '../../values/near-name.ts';

/** One mistake in policy.yml; line and column count from 1. */
export interface Mistake {
  readonly line: number;
  readonly column: number;
  /** the option, as in `rules.auth-failures.limit`; empty for the file as a whole */
  readonly key: string;
  /** what is wrong and what was expected */
  readonly message: string;
  /** as in `--set rules.auth-failures.limit=20`, if the mistake is not in the file */
  readonly option?: string | undefined;
}

/** Mistakes that are reported of one file: more do not help, and each is a line of the daemon's log. */
export const MAX_MISTAKES = 200;

/** Characters of an unknown option that are compared with those there are. */
const MAX_NAME = 40;

/** In the order of the file; if there are too many, a last one says so. */
export function reportedMistakes(mistakes: readonly Mistake[]): readonly Mistake[] {
  const sorted = mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const next = sorted[MAX_MISTAKES];
  if (next === undefined) return sorted;
  const more: Mistake = {
    ...next,
    key: '',
    message: `there are more than ${MAX_MISTAKES} mistakes; expected a policy`,
  };
  return [...sorted.slice(0, MAX_MISTAKES), { ...more, option: undefined }];
}

/** `policy.yml:LINE:COL: KEY: what is wrong and what was expected`, or with an option of the command line in front */
export function mistakeText(path: string, { line, column, key, message, option }: Mistake): string {
  if (option !== undefined) return `${option}: ${message}`;
  return `${path}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
}

/** What is wrong with an option that there is not. @param known those there are */
export function unknownText(name: string, known: readonly string[]): string {
  const near = nearName(name.slice(0, MAX_NAME), known);
  const meant = near === undefined ? '' : ` (did you mean ${near}?)`;
  return `is not a known option${meant}; expected one of ${known.join(', ')}`;
}
