// postblock explain: prints how the daemon reads each line of a log.

import type { Readable } from 'node:stream';
import { loadConfig } from '../config/load.ts';
import { EXIT, ExitError } from '../exit.ts';
import { zoneOf } from '../maillog/syslog/zone.ts';
import { Output } from '../terminal/output.ts';
import { terminal } from '../terminal/text.ts';
import { Explainer } from './explainer.ts';
import { explanationText } from './explanation-text.ts';
import { readLines } from './input-lines.ts';
import { Tally } from './tally.ts';

export interface ExplainCall {
  /** policy.yml */
  readonly policy: string;
  /** standard input where empty */
  readonly paths: readonly string[];
  readonly isJson: boolean;
  readonly stdin: Readable;
  /** ms since 1970 */
  readonly now: number;
}

/** @throws ExitError 1 when no line of Postfix was read, 74 when a log cannot be read, or only its first part */
export async function explain({ policy, paths, isJson, stdin, now }: ExplainCall): Promise<void> {
  const config = await loadConfig(policy);
  const explainer = new Explainer(config);
  const output = new Output();
  const options = terminal(now);
  const tally = new Tally();
  const damages: string[] = [];
  for (const path of paths.length === 0 ? ['-'] : paths) {
    const damage = await readLines(path, {
      now,
      zone: zoneOf(config.zone),
      stdin,
      onLine: (line) => {
        const explanation = explainer.explain(line);
        tally.add(explanation);
        if (isJson) output.line(explanation);
        else output.text(explanationText(explanation, options));
      },
      onPiece: () => output.flush(),
    });
    if (damage !== undefined) damages.push(damage);
  }
  if (!isJson && tally.lines > 1) output.text(tally.text(options));
  await output.flush();
  if (damages.length > 0) throw new ExitError(EXIT.io, damages);
  if (tally.records === 0) throw new ExitError(EXIT.nothing, ['no line of Postfix was read']);
}
