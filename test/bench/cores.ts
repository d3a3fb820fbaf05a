// The cores of the benchmark: one for the program that is measured, the other for those that measure.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Role = 'server' | 'load';

const CORES = allowedCores();

/** Whether there are two cores to pin to, and taskset(1) to do it. */
export const CAN_PIN = CORES.length > 1 && spawnSync('taskset', ['--version']).status === 0;

/** The command and its arguments, on the core of its role. */
export function pinned(role: Role, command: string, args: readonly string[]): [string, string[]] {
  if (!CAN_PIN) return [command, [...args]];
  return ['taskset', ['--cpu-list', String(coreOf(role)), command, ...args]];
}

/** Moves the benchmark's own process, with all its threads, off the core of the measured program. */
export function pinMyself(): void {
  if (CAN_PIN)
    spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', String(coreOf('load')), String(process.pid)]);
}

function coreOf(role: Role): number {
  return CORES[role === 'server' ? 0 : 1] ?? 0;
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
