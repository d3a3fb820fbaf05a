// Lines that name a daemon of Postfix's as its own lines do: `postfix/smtpd[4711]`.

const NAMES = ['smtpd', 'postscreen', 'cleanup', 'qmgr', 'master'];

/** Whether the name of a daemon and a process ID stand somewhere in a text from `from` to `to`. Asked of many lines. */
export function namesDaemon(text: string, from: number, to: number): boolean {
  for (let place = text.indexOf('[', from); place >= 0 && place < to; place = text.indexOf('[', place + 1)) {
    const digit = text.charCodeAt(place + 1);
    if (digit >= 48 && digit <= 57 && NAMES.some((name) => text.startsWith(name, place - name.length)))
      return true;
  }
  return false;
}
