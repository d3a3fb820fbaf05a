// Lines that name a daemon of Postfix's as its own lines do: `postfix/smtpd[4711]`.

/** By the last letter, since most lines that are asked have another one in front of their brackets. */
const NAMES: readonly (readonly [letter: number, names: readonly string[]])[] = [
  [100, ['smtpd']],
  [110, ['postscreen']],
  [112, ['cleanup']],
  [114, ['qmgr', 'master']],
];

/** Whether the name of a daemon and a process ID stand somewhere in a text from `from` to `to`. Asked of many lines. */
export function namesDaemon(text: string, from: number, to: number): boolean {
  for (
    let place = text.indexOf('[', from);
    place > from && place < to;
    place = text.indexOf('[', place + 1)
  ) {
    const digit = text.charCodeAt(place + 1);
    if (digit >= 48 && digit <= 57 && endsWithName(text, from, place)) return true;
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
