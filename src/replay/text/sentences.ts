// The sentences of the report, the same in the text and on the page. Texts from the log are made harmless.

import { bytesText, counted, grouped, percentText } from '../../terminal/number-text.ts';
import { visible } from '../../terminal/text.ts';
import { utcText } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import type { SharedLines } from '../input/duplicates.ts';
import type { LogInput } from '../input/input.ts';
import type { Cost, LosingClient, Report, WhatWasRead } from '../report/report.ts';
import type { Sparing } from '../report/sparing.ts';

const SOURCES_SHOWN = 3;
const PAIRS_SHOWN = 10;

export const INCOMPLETE =
  'INCOMPLETE: the replay was interrupted. The report covers what was read until then.';
export const WATCHED = 'watched: a rule with enforce: false; its blocks are shown as if it were enforced';
export const SPARED_HINT =
  'Clients that reached a limit and were not blocked, because of share, forgive, passes or the breaker. "Without" shows ' +
  'the same rules without these.';
export const ALLOW_HINT =
  'If you know these clients, add these lines to allow: in policy.yml. Their abuse is then not counted either. Where ' +
  'that is too much, try a higher limit with --sweep.';

/** What was read: from when to when, from where, and how much. */
export function readWords({ sources, bytes, lines, records, from, to }: WhatWasRead): string[] {
  const shown = sources.slice(0, SOURCES_SHOWN).map(visible).join(', ');
  const more = sources.length - SOURCES_SHOWN;
  const amount = `${counted(lines, 'line')} (${bytesText(bytes)}), ${grouped(records)} of them from Postfix`;
  return [
    `${from === null || to === null ? 'no line of Postfix' : spanWords(from, to)}`,
    `${more > 0 ? `${shown} and ${grouped(more)} more` : shown}: ${amount}`,
  ];
}

export function policyWords({ policy }: Report): string {
  const { path, set } = policy;
  return `${visible(path)}${set.length === 0 ? '' : ` with ${set.map(visible).join(', ')}`}`;
}

/** The result in one or two sentences. */
export function verdictWords(report: Report): string[] {
  const { blocks, counted: events, stopped } = report.total;
  if (report.read.records === 0) return [nothingWords(report.read)];
  const without = report.sparing === null ? [] : [withoutWords(report, report.sparing)];
  if (blocks === 0) return ['These rules would have blocked no client.', ...without];
  const share = `${percentText(stopped, events)} of ${counted(events, 'counted event')}`;
  return [
    `These rules would have made ${counted(blocks, 'block')} and stopped ${share}.`,
    shortLossWords(report.cost),
    ...without,
  ];
}

function withoutWords({ total, cost }: Report, { without: { blocks, stopped, lost } }: Sparing): string {
  const made = `${counted(blocks, 'block')} and stopped ${percentText(stopped, total.counted) || 'nothing'}`;
  const loss = cost.isKnown ? `; ${counted(lost, 'accepted mail')} would have been lost` : '';
  return `If they spared nobody, they would have made ${made}${loss}.`;
}

/** Sentences about inputs that contain the same lines, 11 at most. */
export function sharedWords(shared: readonly SharedLines[]): string[] {
  const more = shared.length - PAIRS_SHOWN;
  return [
    ...shared.slice(0, PAIRS_SHOWN).map(pairWords),
    ...(more > 0 ? [`${counted(more, 'more pair')} of logs contain the same lines.`] : []),
  ];
}

/** A sentence about inputs that are not logs; none where all are. */
export function noLogWords(inputs: readonly Pick<LogInput, 'name' | 'lines'>[]): string[] {
  const [first, ...others] = inputs;
  if (first === undefined) return [];
  if (others.length === 0) {
    const lines =
      first.lines === 1 ? 'its line does not have' : `none of its ${grouped(first.lines)} lines has`;
    return [`${first.name} is not a log: ${lines} the form of a log line.`];
  }
  const shown = inputs.slice(0, SOURCES_SHOWN).map(({ name }) => name);
  const more = inputs.length - shown.length;
  const names = `${shown.join(', ')}${more > 0 ? ` and ${grouped(more)} more` : ''}`;
  return [`${grouped(inputs.length)} inputs are not logs: no line of ${names} has the form of a log line.`];
}

function pairWords({ first, second, isOnce, count }: SharedLines): string {
  const lines = `contain ${counted(count, 'equal line')} of Postfix`;
  return isOnce
    ? `${first} and ${second} ${lines}: ${count === 1 ? 'it counts' : 'each counts'} once.`
    : `${first} and ${second} ${lines} where one ends and the other begins: ${count === 1 ? 'it counts' : 'they count'} in both. If one is a copy of the other, leave it out.`;
}

function nothingWords({ leftOut, first, last }: WhatWasRead): string {
  if (leftOut === 0 || first === null || last === null)
    return 'No line of Postfix was read. Are these the right logs?';
  return `Nothing is left to replay: the lines of Postfix in these logs are from ${utcText(first)} to ${utcText(last)}, and --since and --until leave out all of them.`;
}

/** The cost of the blocks, in full. */
export function lossWords(cost: Cost): string {
  return cost.passed === 0 ? lostWords(cost) : `${lostWords(cost)} ${passedWords(cost.passed)}`;
}

function lostWords({ isKnown, accepted, lost, delivered, passed, ips }: Cost): string {
  if (!isKnown)
    return (
      'The cost is not known: the log has no line of qmgr(8), which logs the mail that Postfix accepts. Replay the log ' +
      'that has these lines.'
    );
  if (accepted === 0)
    return 'Postfix accepted no mail from SMTP clients in this log, so none would have been lost.';
  if (lost === 0 && passed > 0)
    return 'No accepted mail would have been lost if Postfix asks after the login.';
  if (lost === 0)
    return `No accepted mail would have been lost: of ${counted(accepted, 'mail')}, none came from an IP at a time when it would have been blocked.`;
  const from = `from ${counted(ips, 'IP')} would have been lost`;
  return `${counted(lost, 'accepted mail')} ${from}, ${deliveredWords(lost, delivered)}; that is ${percentText(lost, accepted)} of ${counted(accepted, 'accepted mail')}.`;
}

/** What contrib/master.cf does on submission services: the client gets 554 before it can log in. */
function passedWords(passed: number): string {
  const mails = `${counted(passed, 'mail')} came from blocked IPs with a login`;
  return `${mails}, which their rules pass. Where Postfix asks when a client connects (smtpd_delay_reject=no), blocked clients cannot log in, and this mail is lost too.`;
}

/** How many of the clients are shown; empty where all are. */
export function clientsWords({ ips, clients }: Cost): string {
  return ips > clients.length
    ? `The ${counted(clients.length, 'IP')} that lost the most, of ${grouped(ips)}`
    : '';
}

/** How many of the lost mails are shown, and where the others are. */
export function mailsWords({ mails, lost }: Cost): string {
  const shown = `${grouped(mails.length)} of ${counted(lost, 'mail')} are shown`;
  return `${shown}. They are the first of each IP in the table of clients, which counts all of its mails. To find the others, search the log for the IP.`;
}

/** A client by its address, and its name where Postfix verified one. */
export function clientWords({ ip, name }: Pick<LosingClient, 'ip' | 'name'>): string {
  return name === null ? visible(ip) : `${visible(ip)} ${visible(name)}`;
}

function shortLossWords({ isKnown, accepted, lost, passed, ips }: Cost): string {
  if (!isKnown) return 'The cost in accepted mail is not known (see Cost).';
  if (lost === 0 && passed > 0)
    return `No accepted mail would have been lost if Postfix asks after the login, otherwise ${grouped(passed)} (see Cost).`;
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
