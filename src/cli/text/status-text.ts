// The text of `status`: whether all is well in the first line, then the daemon's figures.

import type { StatusAnswer } from '../../health/status.ts';
import { grouped } from '../../terminal/number-text.ts';
import { painted, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { momentText, pastText } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import { troubleLines } from './origin-text.ts';

const LABEL = 10;

/** The lines of the answer, each with its line end. */
export function statusText(answer: StatusAnswer, options: TextOptions): string {
  const { trouble } = answer;
  const lines = [
    ...(trouble.length > 0
      ? troubleLines(trouble, options)
      : painted(['postblock: all is well'], 'green', options)),
    ...Object.entries(rowsOf(answer, options)).flatMap(([label, text]) =>
      text === '' ? [] : wrapped(text, options.columns, label.padEnd(LABEL), ' '.repeat(LABEL)),
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function rowsOf(answer: StatusAnswer, options: TextOptions): Readonly<Record<string, string>> {
  const { log, policy, snapshot, audit, stressUntil, loginsSpared } = answer;
  return {
    running: `since ${past(answer.started, options)}, release ${visible(answer.release)}, process ${answer.pid}`,
    starting: startingText(answer),
    log: [...log.sources.map(visible), readText(answer, options)].join(', '),
    read: `${log.lines} lines, ${log.understood} understood, ${log.events} events${log.lost === 0 ? '' : `, ${log.lost} dropped by the syslog daemon`}; smtpd last ${past(log.heard, options)}`,
    policy: `${policy.dunno} DUNNO${passedText(answer)}, ${policy.reject} REJECT; ${connectionsText(answer)}`,
    clients: `${answer.tracked} tracked, ${answer.blocks} of them blocked or watched, ${sparedText(answer)}${answer.forgotten} evicted (max-tracked reached)`,
    sharing: sharingText(answer, options),
    snapshot: `written ${past(snapshot.written, options)}${failed(snapshot.failed)}`,
    audit: `${audit.lost} lines lost${failed(audit.failed)}`,
    faults: String(answer.faults),
    logins: loginsSpared === 0 ? '' : `${loginsSpared} failed logins not counted (user database down)`,
    stress:
      stressUntil === null
        ? ''
        : `dropped connections are not counted until ${momentText(stressUntil, options)}`,
  };
}

function connectionsText({ policy: { connections, listening } }: StatusAnswer): string {
  if (listening.length === 0) return 'not listening yet';
  const noun = connections === 1 ? 'connection' : 'connections';
  return `${connections} ${noun} to ${listening.map(visible).join(', ')}`;
}

/** Empty where a daemon of an earlier release answered. */
function startingText({ starting = false }: StatusAnswer): string {
  return starting ? 'counts are still being read, so the figures about clients are not complete' : '';
}

/** Empty where nothing is shared, and where a daemon of an earlier release answered. */
function sharingText({ sharing }: StatusAnswer, options: TextOptions): string {
  if (sharing === null || sharing === undefined) return '';
  const { host, rules, up, sends, countedTo, backlog = 0 } = sharing;
  const left =
    sends === 'live' || backlog === 0 || backlog === null
      ? ''
      : `, ${grouped(backlog)} events not counted there`;
  const counted = countedTo === null ? '' : `, counted to ${past(countedTo, options)}`;
  const server = up ? 'the server answers' : 'the server does not answer';
  return `as ${visible(host)}, ${server}, ${sends}${counted}${left}; rules ${visible(rules)}`;
}

/** Empty where a daemon of an earlier release answered. */
function passedText({ policy: { passed = 0 } }: StatusAnswer): string {
  return passed === 0 ? '' : ` (${passed} to blocked clients that have logged in)`;
}

/** Empty where a daemon of an earlier release answered. */
function sparedText({ spared = 0 }: StatusAnswer): string {
  return spared === 0 ? '' : `${spared} spared, `;
}

function readText({ at, log }: StatusAnswer, options: TextOptions): string {
  if (log.readTo === null) return 'not read yet';
  const behind = durationText(Date.parse(at) - Date.parse(log.readTo));
  return `read to ${momentText(log.readTo, options)}${log.atEnd ? ', the end' : `, ${behind} behind`}`;
}

function past(iso: string | null, options: TextOptions): string {
  return iso === null ? 'never' : pastText(iso, options);
}

function failed(reason: string | null): string {
  return reason === null ? '' : `; failing: ${visible(reason)}`;
}
