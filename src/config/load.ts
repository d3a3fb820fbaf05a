// policy.yml from disk.

import { readFile, stat } from 'node:fs/promises';
import { EXIT, ExitError } from '../exit.ts';
import { type Config, mistakeText, parseConfig } from './config.ts';

/** Larger than any policy; a log file named by mistake is not read whole. */
const MOST_BYTES = 1 << 20;

/** @throws ExitError 78 with a line for each mistake */
export async function loadConfig(path: string): Promise<Config> {
  const { config, mistakes } = parseConfig(await readPolicy(path), path);
  if (config !== undefined) return config;
  throw new ExitError(
    EXIT.config,
    mistakes.map((mistake) => mistakeText(path, mistake)),
  );
}

async function readPolicy(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error(`${size} bytes; expected a policy of at most ${MOST_BYTES}`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ExitError(EXIT.config, [`${path}: cannot be read: ${(error as Error).message}`], error);
  }
}
