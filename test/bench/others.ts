// The share of the machine that other programs use during a run. They make every figure worse, so it is reported.

import { readFileSync } from 'node:fs';

/** USER_HZ, 100 on every Linux that Node runs on: both files count in it. */
interface Usage {
  /** time of all processes on any core, and time that the hypervisor gave to others */
  readonly all: number;
  /** elapsed time, on all cores together */
  readonly passed: number;
  /** this process and those of its children that have ended */
  readonly own: number;
}

/** Starts the measurement. The returned function gives the share of all cores that others have used since. */
export function watchOthers(): () => number {
  const before = usage();
  return () => {
    const after = usage();
    const others = after.all - before.all - (after.own - before.own);
    return Math.max(0, others / Math.max(1, after.passed - before.passed));
  };
}

/** proc(5): /proc/stat and /proc/self/stat */
function usage(): Usage {
  const fields = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]?.split(/\s+/).slice(1, 9).map(Number);
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = fields ?? [];
  const all = user + nice + system + irq + soft + steal;
  const self = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
  const own = self.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  return { all, passed: all + idle + wait, own };
}
