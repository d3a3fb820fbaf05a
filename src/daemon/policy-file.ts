// Loads policy.yml for the daemon: without mistakes, and with a log file that can be opened.

import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { EXIT, ExitError } from '../exit.ts';
import { checkLogFile } from './log/line-log.ts';

/** @throws ExitError 78 with a line for each mistake, 74 where the log file cannot be opened */
export async function loadPolicy(path: string): Promise<Config> {
  const config = await loadConfig(path);
  try {
    await checkLogFile(config.log);
  } catch (error) {
    throw new ExitError(EXIT.io, [`the log file cannot be opened: ${(error as Error).message}`], error);
  }
  return config;
}
