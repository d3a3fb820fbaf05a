// The time from the start of the process to the first REJECT, with many clients in the snapshot, and the wait until all are read.

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CLI } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { failedLogins } from './feed.ts';
import type { Findings } from './goals.ts';
import { moduleOf, Program, residentMB } from './programs.ts';
import { median, ms, print, printTable, whole } from './report.ts';
import { RULES } from './served.ts';
import type { Size } from './size.ts';
import { folderOfTracked, trackedAddress } from './tracked.ts';
import { awaited } from './waiting.ts';

const SPREAD = 20 * 60_000;
/** One in so many clients is blocked. */
const EACH = [100, 10] as const;
/** ms between two attempts to connect, and between two requests */
const PAUSE = 1;
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Times in microseconds. */
interface Answered {
  readonly first: number;
}

interface Restarted extends Answered {
  readonly ready: number;
  /** the longest answer while the counts were read */
  readonly longest: number;
  readonly peakMB: number;
}

export async function restart({ tracked, rounds }: Size): Promise<Findings> {
  print(`## Start with ${whole(tracked)} clients in the snapshot\n`);
  const times = Math.min(rounds, 5);
  const floor = await repeated(times, bareServer);
  const rows = [['bare Node server', ms(median(floor.map(({ first }) => first))), '–', '–', '–']];
  const bundle = await bundled();
  const findings: Findings = {};
  for (const each of EACH) {
    const folder = await folderOfTracked(tracked, SPREAD, each);
    prepare(folder, tracked);
    const all = await repeated(times, () => daemon(folder, each));
    const first = median(all.map((one) => one.first));
    findings.firstReject ??= first;
    rows.push([
      `postblock, ${whole(tracked / each)} of them blocked`,
      ms(first),
      ms(median(all.map(({ ready }) => ready))),
      ms(Math.max(...all.map(({ longest }) => longest))),
      whole(Math.max(...all.map(({ peakMB }) => peakMB))),
    ]);
    if (bundle === undefined) continue;
    const packaged = await repeated(times, () => firstOf(bundle, folder, each));
    rows.push(['as bundled for Debian', ms(median(packaged.map((one) => one.first))), '–', '–', '–']);
  }
  printTable(
    [`median of ${times}`, 'first answer, ms', 'all read, ms', 'longest answer meanwhile, ms', 'peak MB'],
    rows,
  );
  return findings;
}

async function repeated<T>(times: number, once: () => Promise<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let i = 0; i < times; i++) all.push(await once());
  return all;
}

function prepare(folder: string, tracked: number): void {
  writeFileSync(join(folder, 'mail.log'), failedLogins('203.0.113.250', 1));
  writeFileSync(
    join(folder, 'policy.yml'),
    `listen: [{unix: ${socketIn(folder)}}]
maillog: {file: ${join(folder, 'mail.log')}}
state: ${join(folder, 'state')}
snapshot-every: 1h
max-tracked: ${tracked * 2}
log: {level: info}
${RULES}`,
  );
}

/** The program as the Debian package has it; undefined without esbuild. */
async function bundled(): Promise<string | undefined> {
  const builder = join(ROOT, 'contrib/debian/bundle.js');
  if (!existsSync(join(ROOT, 'node_modules/esbuild'))) return undefined;
  const folder = temporaryFolder();
  await Program.node('load', [builder, folder, join(ROOT, 'contrib/debian/copyright')]).ended();
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  return join(folder, 'dist/src/cli.js');
}

/** Reads the whole snapshot. */
async function daemon(folder: string, each: number): Promise<Restarted> {
  const { program, first, start } = await started(CLI, folder, each);
  let longest = 0;
  const isRead = () => program.output.includes(' snapshot-read ');
  for (let n = 0; !isRead(); n++) {
    const asked = performance.now();
    await answer(socketIn(folder), trackedAddress(each * (n % 1000)));
    longest = Math.max(longest, performance.now() - asked);
    await delay(PAUSE);
  }
  const ready = performance.now() - start;
  const peakMB = residentMB(program.pid, 'VmHWM');
  await killed(program);
  return { first, ready: ready * 1000, longest: longest * 1000, peakMB };
}

async function firstOf(cli: string, folder: string, each: number): Promise<Answered> {
  const { program, first } = await started(cli, folder, each);
  await killed(program);
  return { first };
}

async function started(cli: string, folder: string, each: number) {
  const start = performance.now();
  const program = Program.node('server', [cli, 'serve', '--policy', join(folder, 'policy.yml')]);
  const refused = trackedAddress(each * 3);
  const first = await firstAnswer(program, socketIn(folder), refused, 'action=REJECT', start);
  return { program, first, start };
}

/** The snapshot stays as it is. */
async function killed(program: Program): Promise<void> {
  program.signal('SIGKILL');
  await program.ended().catch(() => undefined);
}

function socketIn(folder: string): string {
  return join(folder, 'policy.sock');
}

async function bareServer(): Promise<Answered> {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, 'floor.sock');
  const start = performance.now();
  const program = Program.node('server', [moduleOf('floor'), socket]);
  const first = await firstAnswer(program, socket, '192.0.2.1', 'action=', start);
  await program.stop();
  return { first };
}

/** @returns microseconds since `start` */
async function firstAnswer(
  program: Program,
  socket: string,
  address: string,
  expected: string,
  start: number,
): Promise<number> {
  const look = async () => {
    const text = await answer(socket, address).catch(() => '');
    if (text !== '' && !text.startsWith(expected)) throw new Error(`the first answer is ${text}`);
    return text === '' ? undefined : (performance.now() - start) * 1000;
  };
  return await awaited('the first answer', program, look);
}

async function answer(path: string, address: string): Promise<string> {
  const socket = connect(path);
  socket.write(`request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=${address}\n\n`);
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.endsWith('\n\n')) break;
  }
  socket.destroy();
  return text;
}
