// Finds lines that name a Postfix daemon as its own lines do: `postfix/smtpd[4711]`.

/** By the last letter: most lines have another letter before their brackets. */
const NAMES: readonly (readonly [letter: number, names: readonly string[]])[] = [
  [100, ['smtpd']],
  [110, ['postscreen']],
  [112, ['cleanup']],
  [114, ['qmgr', 'master']],
];

/** Whether a text contains, from `from` to `to`, the name of a daemon with a process ID. Called for many lines. */
export function namesDaemon(text: string, from: number, to: number): boolean {
  // A search in the whole text would go on behind the end of the line.
  const line = text.slice(from, to);
  for (let bracket = line.indexOf('['); bracket >= 0; bracket = line.indexOf('[', bracket + 1)) {
    const digit = line.charCodeAt(bracket + 1);
    if (digit >= 48 && digit <= 57 && endsWithName(line, bracket)) return true;
  }
  return false;
}

function endsWithName(line: string, end: number): boolean {
  const last = line.charCodeAt(end - 1);
  for (const [letter, names] of NAMES) {
    if (letter !== last) continue;
    return names.some((name) => end >= name.length && line.startsWith(name, end - name.length));
  }
  return false;
}
