// Prints the time of a CPU profile by function: node dist/test/bench/profile.js FILE.cpuprofile

import { readFileSync } from 'node:fs';
import { printTable } from './report.ts';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** microseconds before each sample */
  readonly timeDeltas: readonly number[];
}

const MAX_SHOWN = 25;

const profile = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as CpuProfile;
const names = new Map(
  profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
    const file = url.split('/').slice(-2).join('/');
    return [id, `${functionName || '(anonymous)'} ${file === '' ? '' : `${file}:${lineNumber + 1}`}`];
  }),
);
const times = new Map<string, number>();
let total = 0;
for (const [i, id] of profile.samples.entries()) {
  const name = names.get(id) ?? '';
  const time = profile.timeDeltas[i] ?? 0;
  if (name.startsWith('(idle)')) continue;
  times.set(name, (times.get(name) ?? 0) + time);
  total += time;
}
const top = [...times].sort(([, a], [, b]) => b - a).slice(0, MAX_SHOWN);
printTable(
  ['function', 'self ms', 'of busy time'],
  top.map(([name, time]) => [name, Math.round(time / 1000), `${((time / total) * 100).toFixed(1)} %`]),
);
