// Turns what happens to blocks, the mail log, the state, the policy and the daemon itself into log events.

import type { Blocks } from '../../blocks/blocks.ts';
import type { BlockBegun, BlockEnded, Change, ClientSpared } from '../../blocks/changes.ts';
import { partOf } from '../../blocks/good/share.ts';
import type { HealthNews } from '../../health/health.ts';
import { refusedText } from '../../health/reloads.ts';
import type { Notice } from '../../maillog/sources/source.ts';
import type { AuditEntry } from '../../state/audit.ts';
import type { Restored, State } from '../../state/state.ts';
import { isoTextOf } from '../../values/iso-time.ts';
import type { DaemonLog } from './log.ts';

type Log = Pick<DaemonLog, 'report'>;

/**
 * The breaker and a suspected proxy are troubles: logHealth reports them.
 * @param host that made the change, where hosts share their blocks; undefined for this one
 */
export function logChange(log: Log, change: Change, host?: string): void {
  const { type, ip } = change;
  if (type === 'block') logBlock(log, change, host);
  else if (type === 'end') logEnd(log, change, host);
  else if (type === 'spared') logSpared(log, change, host);
  else if (type === 'refused') {
    const { sender, recipient } = change.mail ?? {};
    log.report({ event: type, ip, rule: change.rule, sender, recipient });
  } else if (type === 'allow' || type === 'disallow' || type === 'grace')
    log.report({ event: type, ip, until: isoTextOf(change.until), ...change.hand, host });
}

function logBlock(log: Log, change: BlockBegun, host?: string): void {
  const { ip, rule, at, until, count, enforced, hand } = change;
  const event = enforced ? 'block' : 'watched-block';
  log.report({ event, ip, rule, since: isoTextOf(at), until: isoTextOf(until), count, ...hand, host });
}

function logEnd(log: Log, change: BlockEnded, host?: string): void {
  const { ip, rule, since, at, reason, refused, enforced, hand } = change;
  const event = enforced ? 'block-end' : 'watched-block-end';
  log.report({ event, ip, rule, since: isoTextOf(since), at: isoTextOf(at), reason, refused, ...hand, host });
}

function logSpared(log: Log, change: ClientSpared, host?: string): void {
  const { ip, rule, at, reason, bad, good, share, enforced } = change;
  const event = enforced ? 'spared' : 'watched-spared';
  const part = Number(partOf(change).toFixed(4));
  log.report({ event, ip, rule, at: isoTextOf(at), reason, bad, good, part, share, host });
}

export function logNotice(log: Log, notice: Notice): void {
  const { type, source } = notice;
  if (type === 'lost') log.report({ event: 'log-source-lost', source, reason: notice.reason });
  else if (type === 'found') log.report({ event: 'log-source-found', source });
  else if (type === 'rotated') log.report({ event: 'log-rotated', source, next: notice.next });
  else if (type === 'truncated') log.report({ event: 'log-truncated', source });
  else if (type === 'overlong') log.report({ event: 'log-line-overlong', source });
  else if (type === 'gap') {
    const { since, until } = notice;
    log.report({ event: 'log-gap', source, since: isoTextOf(since), until: isoTextOf(until) });
  }
}

/** Reports a trouble under its own name, and its end with `-over`, so that one grep finds both. */
export function logHealth(log: Pick<DaemonLog, 'report' | 'remind'>, news: HealthNews): void {
  if (news.type === 'stress-over') log.report({ event: news.type, drops: news.drops });
  else if (news.type === 'stress-began') {
    const advice =
      'Postfix is short of processes and drops good clients too; dropped connections are not counted';
    log.report({ event: news.type, until: news.until ?? undefined, advice });
  } else {
    const { what, since, reason } = news.trouble;
    if (news.stage === 'lasts') log.remind({ event: what, since, reason });
    // A source reports by itself that it is lost or found.
    else if (what === 'log-source-lost') return;
    else if (news.stage === 'began' && what === 'reload-refused') return;
    else if (news.stage === 'began') log.report({ event: what, reason });
    else log.report({ event: `${what}-over`, since, spared: news.spared, ...news.hand });
  }
}

/** Reports what part of the state could not be used at the start. */
export function logDamage(
  log: Log,
  restored: Restored,
  { trailSetAside, auditTrouble }: Pick<State, 'trailSetAside' | 'auditTrouble'>,
): void {
  for (const { name, reason } of restored.unusable) log.report({ event: 'snapshot-set-aside', name, reason });
  if (trailSetAside !== undefined) log.report({ event: 'audit-set-aside', name: trailSetAside });
  if (auditTrouble !== undefined) log.report({ event: 'audit-failed', reason: auditTrouble });
}

const UNREAD = '; files of the audit trail that another program than gzip compressed were not read';

/**
 * Reports what the audit trail alone restored. At a first start it holds nothing.
 * @param isPartial there are rotated files that cannot be read
 */
export function logRebuilt(
  log: Log,
  { table, allowEntries }: Blocks,
  redone: readonly AuditEntry[],
  now: number,
  isPartial: boolean,
): void {
  const [first] = redone;
  if (first === undefined) return;
  const isRunning = ({ until }: { readonly until: number }) => until > now;
  const pinned = [...table.pinnedRecords()];
  const graced = new Set(redone.filter(({ event }) => event === 'grace').map(({ ip }) => ip));
  log.report({
    event: 'state-rebuilt',
    blocks: pinned.filter(({ block }) => block !== undefined && isRunning(block)).length,
    watched: pinned.filter(({ watches }) => watches?.some((watch) => !watch.ended && isRunning(watch)))
      .length,
    graces: [...graced].filter((ip) => (table.get(ip)?.grace ?? 0) > now).length,
    allowed: allowEntries.all.filter(isRunning).length,
    lines: redone.length,
    since: first.written,
    advice: `counts are lost, and the mail log is read from its end${isPartial ? UNREAD : ''}`,
  });
}

/** Reports each refusal, also where the one before was refused. @param mistakes a line for each */
export function logRefusedReload(log: Log, mistakes: readonly string[]): void {
  for (const mistake of mistakes) log.report({ event: 'policy-mistake', mistake });
  log.report({
    event: 'reload-refused',
    mistakes: mistakes.length,
    policy: 'the running policy stays',
    reason: refusedText(mistakes),
  });
}

export function logFault(log: Log, where: string, error: unknown): void {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.report({ event: 'fault', where, reason });
}
