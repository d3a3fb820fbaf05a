// A bound on the nesting of a YAML text: the parser recurses, and a text nested by the thousand would end the process.

/** A policy needs five levels. */
const MOST_LEVELS = 50;
/** Columns of indentation, or of `- - -`, that make one level at least. */
const LEVEL = 2;

/** Where a text is nested more deeply than any policy; counts brackets in quoted text too, in favour of simplicity. */
export function tooDeepAt(text: string): { line: number; column: number } | undefined {
  let brackets = 0;
  for (const [number, line] of text.split('\n').entries()) {
    const indent = /^[ \t]*(?:[-?:][ \t]+)*/.exec(line)?.[0].length ?? 0;
    if (indent > MOST_LEVELS * LEVEL) return { line: number + 1, column: indent + 1 };
    for (let i = 0; i < line.length; i++) {
      const character = line.charAt(i);
      if (character === '[' || character === '{') brackets++;
      else if ((character === ']' || character === '}') && brackets > 0) brackets--;
      if (brackets > MOST_LEVELS) return { line: number + 1, column: i + 1 };
    }
  }
  return undefined;
}
