// Reads the blocks that refuse clients until the whole state has been restored.

import type { Config } from '../../config/config.ts';
import { termsOf } from '../../config/terms.ts';
import { EarlyBlocks } from '../../state/early-blocks.ts';
import { fillEarly } from '../../state/early-reading.ts';
import { durationText } from '../../values/duration.ts';
import type { DaemonLog } from '../log/log.ts';

/**
 * @param now ms since 1970
 * @returns undefined where they cannot be relied on without the rest of the snapshot
 */
export async function readEarly(
  log: Pick<DaemonLog, 'report'>,
  config: Config,
  now: number,
): Promise<EarlyBlocks | undefined> {
  const early = new EarlyBlocks(termsOf(config));
  const written = await fillEarly(early, config.state);
  if (written === undefined) return undefined;
  log.report({ event: 'blocks-read', blocks: early.size, age: durationText(now - Date.parse(written)) });
  return early;
}
