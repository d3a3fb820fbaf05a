// A text of its own: what is kept of a log must not hold the piece of the log that it was cut from.

/** V8 copies slices below 13 characters, and makes windows of longer ones. */
const COPIED = 12;

/**
 * A copy of a text that was cut out of a much longer one. V8 makes a slice of 13 characters or more a window on the
 * whole: one client address that is remembered would keep a piece of log in memory. To look into two parts joined makes
 * V8 lay the characters out anew, in a quarter of the time that a Buffer takes for it; what is left of the joining goes
 * with the next collection.
 */
export function own(text: string): string {
  const joined = text.slice(0, COPIED) + text.slice(COPIED);
  return joined.charCodeAt(0) >= 0 ? joined : '';
}
