// postblock replay: reads old logs and prints what a policy would have done.

import { hostname } from 'node:os';
import type { Readable } from 'node:stream';
import { needsGood } from '../blocks/terms.ts';
import { AnsweredError, EXIT, ExitError } from '../exit.ts';
import type { Zone } from '../maillog/syslog/zone.ts';
import { AUDIT_VERSION, auditFacts } from '../state/audit.ts';
import { Output } from '../terminal/output.ts';
import { terminal, visible } from '../terminal/text.ts';
import { MergedInputs } from './input/merged-inputs.ts';
import { reportPage } from './page/page.ts';
import { writePage } from './page/page-file.ts';
import { type PlanOptions, planOf } from './plan.ts';
import { Progress } from './progress.ts';
import { Replay } from './replay.ts';
import type { Report } from './report/report.ts';
import { InputNotes } from './text/input-notes.ts';
import { reportText } from './text/report-text.ts';

export interface ReplayCall {
  /** policy.yml */
  readonly policy: string;
  readonly paths: readonly string[];
  readonly options: PlanOptions;
  readonly isJson: boolean;
  readonly html: string | undefined;
  readonly stdin: Readable;
  /** ends reading early; the report covers what was read */
  readonly signal: AbortSignal;
  /** ms since 1970 */
  readonly clock: () => number;
  /** of postblock */
  readonly release: string;
}

/** @throws ExitError 130 after an interrupted report, as a shell reports SIGINT */
export async function replay(call: ReplayCall): Promise<void> {
  const output = new Output();
  const { zone, ...plan } = await planOf(call.policy, call.options, call.clock());
  const run = new Replay({
    ...plan,
    // To read what clients did well takes time: programs get them where the policy needs it anyway.
    wantsShares: call.html !== undefined || (call.isJson && needsGood(plan.terms)),
    onChange: (change) => {
      if (call.isJson) output.line({ version: AUDIT_VERSION, ...auditFacts(change) });
    },
  });
  const read = await readAll(call, run, zone, output);
  const report = wholeReport(call, run, read);
  // After an interrupt, notes on incomplete inputs are noise.
  if (read.isComplete) for (const note of read.notes) process.stderr.write(`postblock: ${visible(note)}\n`);
  // A report that took an hour is printed in any case.
  const failure = call.html === undefined ? undefined : await writeHtml(call.html, report, call);
  if (call.isJson) output.line(report);
  else output.text(reportText(report, terminal(call.clock())));
  await output.flush();
  if (failure !== undefined) throw failure;
  if (read.isComplete && report.read.records === 0) throw new ExitError(EXIT.nothing, []);
  if (!read.isComplete)
    throw new AnsweredError(EXIT.interrupted, ['interrupted: the report covers what was read until then']);
}

interface InputReport extends Pick<Report['read'], 'bytes' | 'lines' | 'repeated' | 'isComplete'> {
  /** sentences about inputs */
  readonly notes: readonly string[];
}

function wholeReport({ policy: path, paths, options }: ReplayCall, run: Replay, inputs: InputReport): Report {
  const { notes: inputNotes, ...counts } = inputs;
  const { read, notes, ...found } = run.report();
  return {
    ...found,
    policy: { path, set: options.set },
    read: { ...read, ...counts, sources: paths },
    notes: [...inputNotes, ...notes],
  };
}

async function readAll(call: ReplayCall, run: Replay, zone: Zone, output: Output): Promise<InputReport> {
  const { paths, stdin, signal, clock } = call;
  const started = clock();
  // It may deliver nothing, and never end.
  stdin.on('error', () => undefined);
  const end = () => stdin.destroy(new Error('interrupted'));
  if (signal.aborted) end();
  else signal.addEventListener('abort', end);
  const inputNotes = new InputNotes(run.blindSpots);
  const { onUnreadable, onDamage, onEnd } = inputNotes;
  const options = { now: started, zone, stdin, onUnreadable, onDamage, onEnd };
  const inputs = await MergedInputs.open(paths, options);
  const progress = new Progress(process.stderr, started);
  try {
    for (;;) {
      const records = await inputs.next();
      if (records === undefined) break;
      for (const record of records) run.take(record);
      // Output on the same terminal as the progress bar starts on a new line.
      if (output.isWaiting) progress.clear();
      await output.flush();
      // Checked here, so that what was read before the interrupt counts.
      if (signal.aborted) break;
      progress.update(inputs.progress, clock());
    }
    const { bytes, lines } = inputs.progress;
    const { count: repeated, shared } = inputs.duplicates;
    await inputs.close();
    return { bytes, lines, repeated, isComplete: !signal.aborted, notes: inputNotes.sentences(shared) };
  } finally {
    progress.clear();
    await inputs.close();
  }
}

/** @returns why the page could not be written */
async function writeHtml(
  path: string,
  report: Report,
  { clock, release }: ReplayCall,
): Promise<ExitError | undefined> {
  try {
    await writePage(path, reportPage(report, { at: clock(), host: hostname(), release }));
    return undefined;
  } catch (error) {
    return new AnsweredError(EXIT.io, [`${path}: cannot be written: ${(error as Error).message}`], error);
  }
}
