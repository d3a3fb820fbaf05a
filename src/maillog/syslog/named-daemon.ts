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
  for (
    let bracket = text.indexOf('[', from);
    bracket > from && bracket < to;
    bracket = text.indexOf('[', bracket + 1)
  ) {
    const digit = text.charCodeAt(bracket + 1);
    if (digit >= 48 && digit <= 57 && endsWithName(text, from, bracket)) return true;
  }
  return false;
}

function endsWithName(text: string, from: number, to: number): boolean {
  const last = text.charCodeAt(to - 1);
  for (const [letter, names] of NAMES) {
    if (letter !== last) continue;
    return names.some((name) => to - name.length >= from && text.startsWith(name, to - name.length));
  }
  return false;
}
