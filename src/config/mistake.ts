// A mistake in policy.yml or in an option that stands in its place, and how it is told.

/** One mistake in policy.yml; line and column count from 1. */
export interface Mistake {
  readonly line: number;
  readonly column: number;
  /** the option, as in `rules.auth-failures.limit`; empty for the file as a whole */
  readonly key: string;
  /** what is wrong and what was expected */
  readonly message: string;
  /** as in `--set rules.auth-failures.limit=20`, where the mistake is not in the file */
  readonly option?: string | undefined;
}

/** Mistakes that are told of one file: more help nobody, and each is a line of the daemon's log. */
export const MOST_MISTAKES = 200;

/** In the order of their places; where there are too many, a last one says so. */
export function toldMistakes(mistakes: readonly Mistake[]): readonly Mistake[] {
  const told = mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const next = told[MOST_MISTAKES];
  if (next === undefined) return told;
  const more: Mistake = {
    ...next,
    key: '',
    message: `there are more mistakes than these ${MOST_MISTAKES}; expected a policy`,
  };
  return [...told.slice(0, MOST_MISTAKES), { ...more, option: undefined }];
}

/** `policy.yml:LINE:COL: KEY: what is wrong and what was expected`, or the option of the command line in their place */
export function mistakeText(path: string, { line, column, key, message, option }: Mistake): string {
  if (option !== undefined) return `${option}: ${message}`;
  return `${path}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
}
