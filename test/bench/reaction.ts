// The time from the log line that reaches a limit to the first REJECT, measured from outside.

import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { failedLogins, LIMIT, reactionTo } from './feed.ts';
import type { Findings } from './goals.ts';
import { median, print, printTable } from './report.ts';
import { Served } from './served.ts';

const TIMES = 20;
/** ms in which the daemon reads all lines but the last, and becomes idle */
const REST = 150;

export async function reaction(): Promise<Findings> {
  print('## From the log line to the first REJECT\n');
  const served = await Served.start();
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const address = `203.0.113.${i + 1}`;
    appendFileSync(served.log, failedLogins(address, LIMIT - 1));
    // Each time at another moment of the daemon's polling interval.
    await delay(REST + i * 7);
    times.push(await reactionTo(address, served));
  }
  await served.stop();
  const milliseconds = (value: number) => `${value.toFixed(0)} ms`;
  printTable(
    ['least', 'median', 'most', 'of'],
    [[Math.min(...times), median(times), Math.max(...times)].map(milliseconds).concat(String(TIMES))],
  );
  return { reaction: median(times) * 1000 };
}
