// The loader of policy.yml: from its path to a Config.

import { isUtf8 } from 'node:buffer';
import { EXIT, ExitError } from '../exit.ts';
import { type Config, parseConfig } from './config.ts';
import { type HostNetworks, namesMynetworks } from './fields/allow-fields.ts';
import { mynetworks, ownAddresses } from './host-networks.ts';
import type { Override } from './overrides.ts';
import { readPlainFile } from './plain-file.ts';
import { stateDirectoryIn } from './state-directory.ts';
import { type Mistake, mistakeText } from './yaml/mistake.ts';

/** More than any policy has: a log file that is named by mistake is not read whole. */
const MAX_BYTES = 1 << 20;

/** Invalid lines that are reported; a file in UTF-16 has no others. */
const MAX_INVALID_LINES = 10;

/**
 * The whole policy. The keywords `own` and `mynetworks` of its allow list stand for what they are now.
 *
 * @throws ExitError 78 with a line for each mistake
 */
export async function loadConfig(path: string, overrides: readonly Override[] = []): Promise<Config> {
  const bytes = await readPolicy(path);
  const own = ownAddresses();
  const config = configOf(bytes, path, overrides, { own });
  if (!namesMynetworks(config.allow)) return config;
  return configOf(bytes, path, overrides, { own, mynetworks: await mynetworks() });
}

/**
 * The state directory of a policy, for those who need nothing else of it: mistakes in the rest do not matter.
 *
 * @throws ExitError 78 where the file cannot be read, or the option `state:` has a mistake
 */
export async function loadStateDirectory(path: string): Promise<string> {
  const bytes = await readPolicy(path);
  const state = stateDirectoryIn(bytes.toString('utf8'), path);
  if (state.mistakes !== undefined) throw mistaken(path, state.mistakes);
  if (state.path.includes('\ufffd') && !isUtf8(bytes)) throw mistaken(path, invalidLines(bytes));
  return state.path;
}

function configOf(bytes: Buffer, path: string, overrides: readonly Override[], host: HostNetworks): Config {
  const { config, mistakes } = isUtf8(bytes)
    ? parseConfig(bytes.toString('utf8'), path, overrides, host)
    : { mistakes: invalidLines(bytes) };
  if (config !== undefined) return config;
  throw mistaken(path, mistakes);
}

function mistaken(path: string, mistakes: readonly Mistake[]): ExitError {
  return new ExitError(
    EXIT.config,
    mistakes.map((mistake) => mistakeText(path, mistake)),
  );
}

/** The lines that are not UTF-8, each with its first invalid byte: YAML would read another character there. */
function invalidLines(bytes: Buffer): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  for (let start = 0, line = 1; start < bytes.length && mistakes.length < MAX_INVALID_LINES; line++) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    const text = bytes.subarray(start, end);
    const column = text.toString('utf8').indexOf('\ufffd') + 1;
    if (!isUtf8(text))
      mistakes.push({ line, column, key: '', message: 'is not UTF-8; expected text in UTF-8' });
    start = end + 1;
  }
  return mistakes;
}

async function readPolicy(path: string): Promise<Buffer> {
  try {
    return await readPlainFile(path, MAX_BYTES);
  } catch (error) {
    throw new ExitError(EXIT.config, [`${path}: cannot be read: ${(error as Error).message}`], error);
  }
}
