// What the report says in sentences, the same in the text and on the page; what others wrote in it is made harmless.

import { utcText, visible } from '../../terminal/text.ts';
import { durationText } from '../../values/duration.ts';
import type { SharedLines } from '../input/duplicates.ts';
import type { LogInput } from '../input/input.ts';
import type { Cost, LosingClient, Report, WhatWasRead } from '../report/report.ts';
import { bytesText, counted, grouped, percentText } from './number-text.ts';

const SOURCES_SHOWN = 3;
const PAIRS_SHOWN = 10;

export const INCOMPLETE =
  'INCOMPLETE: the replay was interrupted; all below is about what was read until then.';
export const WATCHED =
  'watched: a rule with enforce: false; its blocks are those that would be if it were enforced';
export const ALLOW_HINT =
  'If you know these clients, put these lines below allow: in policy.yml. Their abuse passes then as well; where ' +
  'that is too much, a higher limit may be the better way (--sweep).';

/** What was read: when, from where, how much. */
export function readWords({ sources, bytes, lines, records, from, to }: WhatWasRead): string[] {
  const shown = sources.slice(0, SOURCES_SHOWN).map(visible).join(', ');
  const more = sources.length - SOURCES_SHOWN;
  const amount = `${counted(lines, 'line')} (${bytesText(bytes)}), ${grouped(records)} of them from Postfix`;
  return [
    `${from === null || to === null ? 'no line of Postfix in it' : spanWords(from, to)}`,
    `${more > 0 ? `${shown} and ${grouped(more)} more` : shown}: ${amount}`,
  ];
}

export function policyWords({ policy }: Report): string {
  const { path, set } = policy;
  return `${visible(path)}${set.length === 0 ? '' : ` with ${set.map(visible).join(', ')}`}`;
}

/** What it comes down to, in a sentence or two. */
export function verdictWords(report: Report): string[] {
  const { blocks, counted: events, stopped } = report.total;
  if (report.read.records === 0) return [nothingWords(report.read)];
  if (blocks === 0) return ['These rules would have blocked nobody.'];
  const share = `${percentText(stopped, events)} of ${counted(events, 'counted event')}`;
  return [
    `These rules would have made ${counted(blocks, 'block')} and stopped ${share}.`,
    shortLossWords(report.cost),
  ];
}

/** Sentences about inputs that hold the same lines, 11 at most. */
export function sharedWords(shared: readonly SharedLines[]): string[] {
  const more = shared.length - PAIRS_SHOWN;
  return [
    ...shared.slice(0, PAIRS_SHOWN).map(pairWords),
    ...(more > 0 ? [`${counted(more, 'more pair')} of logs hold the same lines.`] : []),
  ];
}

/** A sentence about inputs that are no logs; none where there is none. */
export function noLogWords(inputs: readonly Pick<LogInput, 'name' | 'lines'>[]): string[] {
  const [first, ...others] = inputs;
  if (first === undefined) return [];
  if (others.length === 0) {
    const lines =
      first.lines === 1 ? 'its line does not have' : `none of its ${grouped(first.lines)} lines has`;
    return [`${first.name} is no log: ${lines} the form of a log line.`];
  }
  const shown = inputs.slice(0, SOURCES_SHOWN).map(({ name }) => name);
  const more = inputs.length - shown.length;
  const names = `${shown.join(', ')}${more > 0 ? ` and ${grouped(more)} more` : ''}`;
  return [`${grouped(inputs.length)} inputs are no logs: no line of ${names} has the form of a log line.`];
}

function pairWords({ first, second, isOnce, count }: SharedLines): string {
  const lines = `hold ${counted(count, 'equal line')} of Postfix`;
  return isOnce
    ? `${first} and ${second} ${lines}: ${count === 1 ? 'it counts' : 'each counts'} once.`
    : `${first} and ${second} ${lines} where one ends and the other begins: ${count === 1 ? 'it counts' : 'they count'} in both. If one is a copy of the other, leave it out.`;
}

function nothingWords({ leftOut, first, last }: WhatWasRead): string {
  if (leftOut === 0 || first === null || last === null)
    return 'No line of Postfix was read: are these the right logs?';
  return `Nothing is left to replay: the lines of Postfix in these logs are of ${utcText(first)} to ${utcText(last)}, and --since and --until leave them all out.`;
}

/** What the blocks would have cost, in full. */
export function lossWords({ isKnown, accepted, lost, delivered, ips }: Cost): string {
  if (!isKnown)
    return (
      'What that would have cost is not known: the log has no line of qmgr(8), which tells what mail Postfix accepted. ' +
      'Replay the log that has them.'
    );
  if (accepted === 0)
    return 'Postfix accepted no mail from SMTP clients in this log, so none would have been lost.';
  if (lost === 0)
    return `No accepted mail would have been lost: of ${counted(accepted, 'mail')}, none came from an IP while it would have been blocked.`;
  const from = `from ${counted(ips, 'IP')} that Postfix accepted would have been lost`;
  return `${counted(lost, 'mail')} ${from}, ${deliveredWords(lost, delivered)}; that is ${percentText(lost, accepted)} of ${counted(accepted, 'accepted mail')}.`;
}

/** Whose mails they are; empty where all clients are shown. */
export function clientsWords({ ips, clients }: Cost): string {
  return ips > clients.length
    ? `The ${counted(clients.length, 'IP')} that lost the most, of ${grouped(ips)}`
    : '';
}

/** A client by its address, and its name where Postfix verified one. */
export function clientWords({ ip, name }: Pick<LosingClient, 'ip' | 'name'>): string {
  return name === null ? visible(ip) : `${visible(ip)} ${visible(name)}`;
}

function shortLossWords({ isKnown, accepted, lost, ips }: Cost): string {
  if (!isKnown) return 'What mail that would have cost is not known (see Cost).';
  if (lost === 0) return 'No accepted mail would have been lost.';
  return `${grouped(lost)} of ${counted(accepted, 'accepted mail')} would have been lost, from ${counted(ips, 'IP')}.`;
}

function spanWords(from: string, to: string): string {
  const length = durationText(Date.parse(to) - Date.parse(from));
  return `${utcText(from)} to ${utcText(to)} (${length})`;
}

function deliveredWords(lost: number, delivered: number): string {
  if (delivered === 0) return 'none of them delivered';
  if (delivered === lost) return lost === 1 ? 'and it was delivered' : 'all of them delivered';
  return `${grouped(delivered)} of them delivered`;
}
