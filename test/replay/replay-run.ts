// postblock replay as its own process, on a small log: run to its end, or with an open standard input.

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../src/replay/report/report.ts';
import { CLI, SMALL_RULES } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { delivery, failed, mail } from './small-log.ts';

export const CLIENT = 'gw.office.example[192.0.2.7]';
/** A block, a mail that it would have lost, and the end of the block. */
export const LOG = [
  ...failed(CLIENT, 0, 5, 10),
  ...mail(CLIENT, 'ABC1234567', 20, 21),
  delivery('ABC1234567', 22),
  ...failed(CLIENT, 86_500),
];

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a policy and a log. Its state directory does not exist. */
export function folderWith(lines: readonly string[] = LOG): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'policy.yml'), `state: state\nrules:${SMALL_RULES}`);
  writeFileSync(join(folder, 'mail.log'), lines.map((text) => `${text}\n`).join(''));
  return folder;
}

export function run(cwd: string, ...args: readonly string[]): Run {
  return spawnSync(process.execPath, [CLI, 'replay', ...args], { cwd, encoding: 'utf8', timeout: 25_000 });
}

export function linesOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
}

export function reportOf({ stdout }: { readonly stdout: string }): Report {
  return linesOf(stdout).at(-1) as unknown as Report;
}

export const running = new Set<ChildProcessWithoutNullStreams>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A replay of standard input that stays open. */
export class OpenReplay {
  stdout = '';
  stderr = '';
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(cwd: string, ...args: readonly string[]) {
    const child = spawn(process.execPath, [CLI, 'replay', '-', ...args], { cwd });
    running.add(child);
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
    });
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.on('close', (status, signal) => {
        running.delete(child);
        resolve(status ?? signal ?? 'SIGKILL');
      });
    });
  }
}
