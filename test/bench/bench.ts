// The benchmark: runs its subjects one after another and compares the figures with the goals.

import { parseArgs } from 'node:util';
import { CAN_PIN, pinMyself } from './cores.ts';
import { type Findings, printGoals } from './goals.ts';
import { memory } from './memory.ts';
import { moving } from './moving.ts';
import { watchOthers } from './others.ts';
import { policy } from './policy.ts';
import { reaction } from './reaction.ts';
import { reading } from './reading.ts';
import { print } from './report.ts';
import { restart } from './restart.ts';
import { sharing } from './sharing.ts';
import { type Size, sizeOf } from './size.ts';
import { snapshot } from './snapshot.ts';

const SUBJECTS: Readonly<Record<string, (size: Size) => Promise<Findings>>> = {
  policy,
  moving,
  reading,
  memory,
  snapshot,
  reaction,
  sharing,
  restart,
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    strict: false,
    options: { scale: { type: 'string', default: '0.1' }, 'cpu-prof': { type: 'string' } },
  });
  const scale = Number(values.scale);
  const unknown = [
    ...positionals.filter((name) => !(name in SUBJECTS)),
    ...Object.keys(values).filter((name) => name !== 'scale' && name !== 'cpu-prof'),
  ];
  const profile = values['cpu-prof'];
  if (unknown.length > 0 || typeof profile === 'boolean' || !(scale > 0 && scale <= 1)) {
    console.error(
      `usage: npm run bench -- [${Object.keys(SUBJECTS).join('|')}]… [--scale 0.1] [--cpu-prof FOLDER]`,
    );
    return 64;
  }
  pinMyself();
  if (!CAN_PIN)
    print('No two cores, or no taskset(1): the scheduler places the processes, which affects the figures.\n');
  const size = sizeOf(scale, profile);
  const others = watchOthers();
  const findings: Findings = {};
  let failed = 0;
  for (const name of positionals.length === 0 ? Object.keys(SUBJECTS) : positionals) {
    try {
      Object.assign(findings, await SUBJECTS[name]?.(size));
    } catch (error) {
      failed++;
      print(`**${name} could not be measured**: ${(error as Error).stack}\n`);
    }
  }
  printGoals(findings, size);
  print(
    `Other programs used ${Math.round(others() * 100)} % of the machine during the run; the goals are for a quiet machine.`,
  );
  return failed === 0 ? 0 : 1;
}

// Ends the programs that were started, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
process.exit(await main());
