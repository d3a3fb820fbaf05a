// What the daemon's log tells of blocks, the mail log, its state, its policy and its faults: one line an event.

import type { Blocks } from '../blocks/blocks.ts';
import type { Change } from '../blocks/changes.ts';
import type { HealthNews } from '../health/health.ts';
import type { Notice } from '../maillog/sources/source.ts';
import type { AuditEntry } from '../state/audit.ts';
import type { Restored, State } from '../state/state.ts';
import type { DaemonLog, Details } from './line-log.ts';

export function logChange(log: DaemonLog, change: Change): void {
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

export function logNotice(log: DaemonLog, notice: Notice): void {
  const { type, source } = notice;
  if (type === 'lost') log.warn('log-source-lost', { source, reason: notice.reason });
  else if (type === 'found') log.info('log-source-found', { source });
  else if (type === 'rotated') log.info('log-rotated', { source, next: notice.next });
  else if (type === 'truncated') log.info('log-truncated', { source });
  else if (type === 'overlong') log.limited('log-line-overlong', { source });
  else log.warn('log-gap', { source, since: timeText(notice.since), until: timeText(notice.until) });
}

/** Troubles under their own names, with `-over` at their end, so that one grep finds both. */
export function logHealth(log: DaemonLog, news: HealthNews): void {
  if (news.type === 'stress-over') log.warn(news.type, { drops: news.drops });
  else if (news.type === 'stress-began') {
    const advice = 'Postfix is short of processes and drops good clients too; drops charge nobody';
    log.warn(news.type, { until: news.until ?? undefined, advice });
  } else {
    const { what, since, reason } = news.trouble;
    // A source that was lost, or found again, tells of itself.
    if (what === 'log-source-lost' && news.stage !== 'lasts') return;
    if (news.stage === 'over') log.warn(`${what}-over`, { since, spared: news.spared });
    else log.error(what, { since: news.stage === 'began' ? undefined : since, reason });
  }
}

/** What of the state could not be used at the start. */
export function logDamage(
  log: DaemonLog,
  restored: Restored,
  { trailSetAside, auditTrouble }: Pick<State, 'trailSetAside' | 'auditTrouble'>,
): void {
  for (const { name, reason } of restored.unusable) log.error('snapshot-set-aside', { name, reason });
  if (trailSetAside !== undefined) log.error('audit-set-aside', { name: trailSetAside });
  if (auditTrouble !== undefined) log.error('audit-failed', { reason: auditTrouble });
}

/** What the audit trail alone gave back; at a first start it holds nothing. */
export function logRebuilt(
  log: DaemonLog,
  { table, allowEntries }: Blocks,
  redone: readonly AuditEntry[],
  now: number,
): void {
  const [first] = redone;
  if (first === undefined) return;
  const isRunning = ({ until }: { readonly until: number }) => until > now;
  const pinned = [...table.pinnedRecords()];
  const graced = new Set(redone.filter(({ event }) => event === 'grace').map(({ ip }) => ip));
  log.warn('state-rebuilt', {
    blocks: pinned.filter(({ block }) => block !== undefined && isRunning(block)).length,
    watched: pinned.filter(({ watches }) => watches?.some((watch) => !watch.ended && isRunning(watch)))
      .length,
    graces: [...graced].filter((ip) => (table.get(ip)?.grace ?? 0) > now).length,
    allowed: allowEntries.all.filter(isRunning).length,
    lines: redone.length,
    since: first.written,
    advice: 'counts are lost, and the mail log is read from its end',
  });
}

/** @param mistakes a line for each */
export function logRefusedReload(log: DaemonLog, mistakes: readonly string[]): undefined {
  for (const mistake of mistakes) log.error('policy-mistake', { mistake });
  log.error('reload-refused', { mistakes: mistakes.length, policy: 'the running policy stays' });
}

export function logFault(log: DaemonLog, where: string, error: unknown): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.limited('fault', { where, reason });
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
