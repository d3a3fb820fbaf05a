// Waits for another process, with a patience that fits the size of its work.

import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from './programs.ts';

/** ms between checks */
const LOOK = 5;

/** @throws when the program ends, or after `patience` seconds */
export async function awaited<T>(
  what: string,
  program: Program,
  look: () => T | undefined | Promise<T | undefined>,
  patience = 120,
): Promise<T> {
  for (const end = Date.now() + patience * 1000; Date.now() < end; ) {
    const found = await look();
    if (found !== undefined) return found;
    if (!program.isRunning) throw new Error(`ended before ${what}:\n${program.output}`);
    await delay(LOOK);
  }
  throw new Error(`waited ${patience} s in vain for ${what}:\n${program.output.slice(-2000)}`);
}
