// Waits for a condition that another process brings about.

import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE = 15_000;

/**
 * Resolves with the first result that is neither false nor undefined. Throws after `patience`, and names what it waited
 * for.
 *
 * @param patience ms
 */
export async function until<T>(
  what: string,
  look: () => T | false | undefined | Promise<T | false | undefined>,
  patience = PATIENCE,
): Promise<T> {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    await delay(15);
  }
  throw new Error(`waited in vain for ${what}`);
}
