// A probe that --import loads into the daemon: at SIGUSR2 it writes the delays of the event loop since the last SIGUSR2.

import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** ms; the histogram's times include this interval, which is not a delay */
const RESOLUTION = 1;
const path = process.env.POSTBLOCK_BENCH_DELAY;

if (path !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  const late = (ns: number) => Math.max(0, ns / 1000 - RESOLUTION * 1000);
  histogram.enable();
  process.on('SIGUSR2', () => {
    const quantile = (share: number) => late(histogram.percentile(share));
    const delays = { p50: quantile(50), p99: quantile(99), p999: quantile(99.9), max: late(histogram.max) };
    writeFileSync(`${path}.new`, JSON.stringify(delays));
    renameSync(`${path}.new`, path);
    histogram.reset();
  });
}
