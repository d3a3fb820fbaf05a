// A text of its own: what is kept of a log must not hold the piece of the log that it was cut from.

/**
 * A copy of a text that was cut out of a much longer one. V8 makes a slice of 13 characters or more a window on the
 * whole: one client address that is remembered would keep 256 KiB of log in memory. Joining and cutting makes V8 lay
 * the characters out anew, in a quarter of the time that a Buffer takes for it.
 */
export function own(text: string): string {
  return `${text} `.slice(0, -1);
}
