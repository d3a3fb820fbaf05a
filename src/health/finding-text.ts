// What was found in the mail log, in the words of a trouble: what it means first, then what was seen.

import type { Loser, LostLines } from '../maillog/lost-lines.ts';
import { durationText } from '../values/duration.ts';
import { isoText } from '../values/iso-time.ts';
import { type Finding, MESSAGES } from './log-watch.ts';
import { zoneAdvice } from './zone-advice.ts';

/** Lines that could not be read are not counted while the log is followed: that would cost every line something. */
const LOOK = 'what of it cannot be read is told under Blind spots by postblock replay';

/**
 * @param sources of the log that is followed
 * @param offset ms by which the zone of its stamps is ahead of UTC, where they do not tell their own
 */
export function findingText(finding: Finding, sources: readonly string[], offset: number): string {
  const time = durationText(Math.abs(finding.ms));
  if (finding.type === 'late') {
    const { ms, source } = finding;
    const late =
      ms > 0
        ? `${source} is ${time} behind the clock, and does not catch up`
        : `${source} is stamped ${time} ahead of the clock`;
    // The journal's stamps are in no zone.
    const advice = source === 'journal' ? undefined : zoneAdvice(ms, offset);
    return advice === undefined ? late : `${late}; ${advice}`;
  }
  const log = sources.join(', ');
  const asked = `Postfix asked about ${MESSAGES} messages or more`;
  if (finding.type === 'not-understood')
    return `nothing is counted: ${asked}, and for ${time} no line of smtpd in ${log} was understood; ${LOOK}`;
  return finding.moved
    ? `nothing is counted: ${asked}, and for ${time} ${log} had lines, but none of smtpd; ${LOOK}`
    : `nothing is counted: ${asked}, and for ${time} ${log} has said nothing`;
}

/** @param failing the hosts at which logins fail, each with the ms since when; @param spared failures since then */
export function loginsText(
  failing: readonly (readonly [host: string, since: number])[],
  spared: number,
): string {
  const hosts = failing.map(([host, since]) => {
    const time = `since ${isoText(since).slice(0, 16).replace('T', ' ')} UTC`;
    return host === '' ? time : `at ${host} ${time}`;
  });
  return `the user database is probably down: clients that could always log in fail ${hosts.join(', ')}; failed logins charge nobody, ${spared} so far`;
}

const REMEDIES: Readonly<Record<Loser, string>> = {
  journald:
    'set LogRateLimitIntervalSec=1s and LogRateLimitBurst=1000000 for the unit of Postfix, or give it a maillog_file',
  imjournal: 'set $imjournalRatelimitInterval 0 in rsyslog.conf',
  rsyslogd: 'set $SystemLogRateLimitInterval 0 in rsyslog.conf',
};

export function lostText({ by, lines }: Pick<LostLines, 'by' | 'lines'>): string {
  const name = by === 'imjournal' ? "rsyslogd's imjournal" : by;
  return `what happened in them is not counted: ${name} drops lines of Postfix, ${lines} since the start; ${REMEDIES[by]}`;
}
