// Loaded into the daemon by --import: at SIGUSR2 writes how late its event loop ran since the last time, and starts anew.

import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** ms; the histogram's times hold this interval, which is no delay */
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
