// What the daemon's log tells of blocks and of the mail log: one line an event.

import type { Change } from './blocks/changes.ts';
import type { HealthNews } from './health.ts';
import type { DaemonLog, Details } from './log.ts';
import type { Notice } from './maillog/source.ts';

export function tellChange(log: DaemonLog, change: Change): void {
  const { type, ip } = change;
  if (type === 'block') {
    const { rule, at, until, count, hand } = change;
    log.info(watched(change, 'block'), {
      ip,
      rule,
      since: timeText(at),
      until: timeText(until),
      count,
      ...hand,
    });
  } else if (type === 'end') {
    const { rule, since, at, reason, refused, hand } = change;
    const times = { since: timeText(since), at: timeText(at) };
    log.info(watched(change, 'block-end'), { ip, rule, ...times, reason, refused, ...hand });
  } else if (type === 'refused') log.debug(type, { ip, rule: change.rule, ...mailDetails(change.mail) });
  else log.info(type, { ip, until: timeText(change.until), ...change.hand });
}

export function tellNotice(log: DaemonLog, notice: Notice): void {
  const { type, source } = notice;
  if (type === 'lost') log.warn('log-source-lost', { source, reason: notice.reason });
  else if (type === 'found') log.info('log-source-found', { source });
  else if (type === 'rotated') log.info('log-rotated', { source, next: notice.next });
  else if (type === 'truncated') log.info('log-truncated', { source });
  else if (type === 'overlong') log.limited('log-line-overlong', { source });
  else log.warn('log-gap', { source, since: timeText(notice.since), until: timeText(notice.until) });
}

/** Troubles under their own names, with `-over` at their end, so that one grep finds both. */
export function tellHealth(log: DaemonLog, news: HealthNews): void {
  if (news.type === 'stress-over') log.warn(news.type, { drops: news.drops });
  else if (news.type === 'stress-began') {
    const advice = 'Postfix is short of processes and drops good clients too; drops charge nobody';
    log.warn(news.type, { until: news.until ?? undefined, advice });
  } else {
    const { what, since, reason } = news.trouble;
    // A source that was lost, or found again, tells of itself.
    if (what === 'log-source-lost' && news.stage !== 'lasts') return;
    if (news.stage === 'over') log.warn(`${what}-over`, { since });
    else log.error(what, { since: news.stage === 'began' ? undefined : since, reason });
  }
}

function watched({ enforced }: { readonly enforced: boolean }, name: string): string {
  return enforced ? name : `watched-${name}`;
}

function mailDetails(mail: { readonly sender?: string; readonly recipient?: string } | undefined): Details {
  return { sender: mail?.sender, recipient: mail?.recipient };
}

function timeText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
