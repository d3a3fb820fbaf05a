// Small logs for tests of the replay, of one-line sessions, and the result of a policy on them.

import type { AuditedChange } from '../../src/blocks/changes.ts';
import { MAIL_PROCESSES } from '../../src/maillog/syslog/process.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { Replay, type ReplayPlan } from '../../src/replay/replay.ts';
import type { LostMail, RuleReport } from '../../src/replay/report/report.ts';
import { type Policy, termsOf } from '../blocks/blocks-fixture.ts';
import { line, START } from '../maillog/log.ts';
import { parseLine } from '../maillog/parse-line.ts';

export type SmallReport = ReturnType<Replay['report']>;

/** A failed login of `name[address]` at each of the seconds after START. */
export function failed(client: string, ...seconds: number[]): string[] {
  return seconds.map((second) =>
    line(`warning: ${client}: SASL LOGIN authentication failed: no`, 'smtpd', 7, second),
  );
}

export interface MailOptions {
  /** follows the client */
  readonly more?: string;
  readonly from?: string;
  readonly recipients?: number;
}

/** A mail with its first recipient at one second, which Postfix accepts at another. */
export function mail(
  client: string,
  id: string,
  at: number,
  accepted = at,
  { more = '', from = 'anna@office.example', recipients = 1 }: MailOptions = {},
): string[] {
  return [
    line(`${id}: client=${client}${more}`, 'smtpd', 8, at),
    line(`${id}: from=<${from}>, size=512, nrcpt=${recipients} (queue active)`, 'qmgr', 5, accepted),
  ];
}

/** The delivery line of a mail for one recipient. */
export function delivery(
  id: string,
  second: number,
  status = 'sent',
  recipient = 'bert@example.org',
): string {
  const text = `${id}: to=<${recipient}>, relay=mx.example.org[198.51.100.9]:25, delay=1, delays=0/0/0/1`;
  return line(`${text}, dsn=2.0.0, status=${status} (250 2.0.0 Ok)`, 'smtp', 6, second);
}

/** The records of lines, in the order of their time. */
export function recordsOf(lines: readonly string[]): LogRecord[] {
  const stamps = new StampReader();
  return lines
    .map((text) => {
      const record = parseLine(text, stamps, START, MAIL_PROCESSES);
      if (record === undefined) throw new Error(`no record: ${text}`);
      return record;
    })
    .sort((a, b) => a.at - b.at);
}

export interface Replayed {
  readonly report: SmallReport;
  readonly changes: readonly AuditedChange[];
}

/** Without a policy, three failed logins within ten minutes block for an hour. */
export function replayed(
  lines: readonly string[],
  policy: Policy = {},
  plan: Partial<Omit<ReplayPlan, 'terms' | 'onChange'>> = {},
): Replayed {
  const changes: AuditedChange[] = [];
  const replay = new Replay({
    terms: termsOf(policy),
    sweeps: [],
    since: Number.NEGATIVE_INFINITY,
    until: Number.POSITIVE_INFINITY,
    ...plan,
    onChange: (change) => changes.push(change),
  });
  for (const record of recordsOf(lines)) replay.take(record);
  return { report: replay.report(), changes };
}

/** The queue IDs of the mails that would have been lost. */
export function lostIds({ report }: Replayed): string[] {
  return report.cost.mails.map(({ queueId }: LostMail) => queueId);
}

export function ruleOf({ report }: Replayed, name = 'auth'): RuleReport {
  const rule = report.rules.find((candidate) => candidate.rule === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
}
