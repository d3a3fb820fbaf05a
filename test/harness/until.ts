// Waits for a condition that another process brings about.

import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE = 15_000;
const PAUSE = 15;

/**
 * Resolves with the first result that is neither false nor undefined. Throws after `patience`, and names what it waited
 * for.
 *
 * @param patience ms
 * @param pause ms between two looks
 */
export async function until<T>(
  what: string,
  look: () => T | false | undefined | Promise<T | false | undefined>,
  patience = PATIENCE,
  pause = PAUSE,
): Promise<T> {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    await delay(pause);
  }
  throw new Error(`waited in vain for ${what}`);
}
