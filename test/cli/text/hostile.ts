// Text that a client could send to trick the terminal of whoever reads it.

export const HOSTILE: readonly [what: string, text: string][] = [
  ['an escape sequence', 'a\x1b[2J\x1b]0;title\x07b'],
  ['line ends', 'a\r\nb\nc\x0b\x0c'],
  ['backspaces and deletes', 'evil\x08\x08\x08\x08good\x7f'],
  ['NUL', 'a\0b'],
  ['the C1 controls', 'a\x9b2J\x90\x9d0;t\x9c\x85b'],
  ['right-to-left overrides and isolates', 'a\u202eb\u202d\u2066c\u2067\u2068\u2069\u202a\u202b\u202c'],
  ['direction marks', 'a\u200e\u200f\u061cb'],
  ['letters that run from right to left', 'a\u05d0\u0627b'],
  ['zero widths', 'a\u200b\u200c\u200d\u2060\ufeffb'],
  ['fillers and soft hyphens', 'a\u3164\u115f\u00ad\u2800b'],
  ['line and paragraph separators', 'a\u2028\u2029b'],
  ['spaces that are none', 'a\u00a0\u3000\u2003b'],
  ['stacked marks', `a${'\u0300\u0489'.repeat(20)}b`],
  ['wide letters', '漢字漢字ＡＢ'],
  ['emoji and tags', '🏴\u{e0067}\u{e0062}'],
  ['half a surrogate pair', 'a\ud800b\udc00'],
  ['unassigned and private characters', 'a\u0378\ue000\u{10ffff}b'],
  ['a text without end', 'x'.repeat(5000)],
  ['words without end', '%s {ip} $& '.repeat(500)],
];

/** Nothing but line ends and letters, signs and digits of one column each. */
export function isHarmless(text: string): boolean {
  return /^[\n -~…\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f]*$/.test(text);
}
