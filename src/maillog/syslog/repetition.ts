// What syslog daemons wrap around a message: Solaris its message ID, rsyslog the number of repetitions.

/** syslogd(8) of Solaris and illumos: `[ID 197553 mail.info] MESSAGE` */
const ID = /^\[ID \d{1,10} [a-z0-9]{1,16}\.[a-z]{1,16}\] /;
/** rsyslog's ratelimit.c: ` message repeated %d times: [%.800s]`, with the blank in front of the message in the brackets */
const REPEATED = /^message repeated (\d{1,9}) times: \[ ?/;
/** A higher number of repetitions is not believed, since each of them counts. */
export const MAX_REPETITIONS = 1000;

export interface Unwrapped {
  readonly message: string;
  /** how often the process logged it; undefined for once */
  readonly repeat: number | undefined;
}

/** What the process logged. @param text the text after `TAG[PID]: ` */
export function unwrapped(text: string): Unwrapped {
  const id = text.charCodeAt(0) === 91 ? ID.exec(text)?.[0].length : undefined;
  const message = id === undefined ? text : text.slice(id);
  const repeated = message.endsWith(']') ? REPEATED.exec(message) : null;
  if (repeated === null) return { message, repeat: undefined };
  const repeat = Math.min(Number(repeated[1]), MAX_REPETITIONS);
  return { message: message.slice(repeated[0].length, -1), repeat };
}
