// The texts of troubles with the mail log and the room for blocks: first what it means, then what was seen, then what to do.

import type { Loser, LostLines } from '../maillog/lost-lines.ts';
import { durationText } from '../values/duration.ts';
import { minuteText } from '../values/iso-time.ts';
import { type Finding, MESSAGES } from './log-watch.ts';
import { zoneAdvice } from './zone-advice.ts';

/** The daemon does not count lines that it cannot read: that would cost time for each line. */
const LOOK = 'postblock replay shows such lines under Blind spots';

/**
 * @param sources names of the log's sources
 * @param offset ms by which the zone of stamps without a zone is ahead of UTC
 */
export function findingText(finding: Finding, sources: readonly string[], offset: number): string {
  const time = durationText(Math.abs(finding.ms));
  if (finding.type === 'late') {
    const { ms, source } = finding;
    const late =
      ms > 0
        ? `${source} is ${time} behind the clock, and does not catch up`
        : `${source} is stamped ${time} ahead of the clock`;
    // Stamps of the journal are UTC.
    const advice = source === 'journal' ? undefined : zoneAdvice(ms, offset);
    return advice === undefined ? late : `${late}; ${advice}`;
  }
  const log = sources.join(', ');
  const asked = `Postfix asked about ${MESSAGES} messages or more`;
  if (finding.type === 'not-understood')
    return `nothing is counted: ${asked}, but for ${time} no line of smtpd in ${log} was understood; ${LOOK}`;
  return finding.moved
    ? `nothing is counted: ${asked}, but for ${time} ${log} had lines, but none of smtpd; ${LOOK}`
    : `nothing is counted: ${asked}, but for ${time} ${log} had no new line`;
}

/**
 * @param failing the hosts at which logins fail, each since when (ms since 1970)
 * @param spared failed logins since then
 */
export function loginsText(
  failing: readonly (readonly [host: string, since: number])[],
  spared: number,
): string {
  const hosts = failing.map(([host, since]) => {
    const time = `since ${minuteText(since)}`;
    return host === '' ? time : `at ${host} ${time}`;
  });
  return `the user database is probably down: clients that could always log in fail ${hosts.join(', ')}; failed logins are not counted (${spared} so far)`;
}

const REMEDIES: Readonly<Record<Loser, string>> = {
  journald:
    'set LogRateLimitIntervalSec=1s and LogRateLimitBurst=1000000 for the unit of Postfix, or give it a maillog_file',
  imjournal: 'set $imjournalRatelimitInterval 0 in rsyslog.conf',
  rsyslogd: 'set $SystemLogRateLimitInterval 0 in rsyslog.conf',
};

export function lostText({ by, lines }: Pick<LostLines, 'by' | 'lines'>): string {
  const name = by === 'imjournal' ? "rsyslogd's imjournal" : by;
  return `lines of Postfix are missing and not counted: ${name} dropped ${lines} since the start; ${REMEDIES[by]}`;
}

export function fullText(maxTracked: number): string {
  return `blocked clients fill their part of max-tracked (${maxTracked}): each new block ends that of the client that has been silent longest; raise max-tracked`;
}
