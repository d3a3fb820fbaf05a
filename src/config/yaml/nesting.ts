// A bound on the nesting of YAML: the parser recurses, and thousands of levels would overflow its stack.

/** A policy needs five levels. */
const MAX_LEVELS = 50;
/** Columns of indentation, or of `- - -`, that a level takes at least. */
const LEVEL = 2;

/** Where a text is nested too deeply for a policy. Brackets in quoted text count too, which keeps this simple. */
export function tooDeepAt(text: string): { line: number; column: number } | undefined {
  let brackets = 0;
  for (const [number, line] of text.split('\n').entries()) {
    const indent = /^[ \t]*(?:[-?:][ \t]+)*/.exec(line)?.[0].length ?? 0;
    if (indent > MAX_LEVELS * LEVEL) return { line: number + 1, column: indent + 1 };
    for (let i = 0; i < line.length; i++) {
      const character = line.charAt(i);
      if (character === '[' || character === '{') brackets++;
      else if ((character === ']' || character === '}') && brackets > 0) brackets--;
      if (brackets > MAX_LEVELS) return { line: number + 1, column: i + 1 };
    }
  }
  return undefined;
}
