// The metrics: name, type, labels and help of each family. The one list that the exposition, the tests and the docs share.

interface Form {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** one line, in plain words */
  readonly help: string;
}

export const FAMILIES = {
  postblock_info: {
    type: 'gauge',
    labels: ['version'],
    help: 'Always 1. The label is the release of postblock.',
  },
  postblock_verdicts_total: {
    type: 'counter',
    labels: ['action', 'protocol_state'],
    help: 'Replies to Postfix, by their action and by the SMTP command at which Postfix asked.',
  },
  postblock_verdict_duration_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from a parsed request to its reply, of one verdict in 16.',
  },
  postblock_log_lines_total: {
    type: 'counter',
    labels: ['source'],
    help: 'Lines of Postfix that were read, by log file, or journal.',
  },
  postblock_log_lines_unread_total: {
    type: 'counter',
    labels: ['form'],
    help: 'Log lines that were not understood: header (the line names a daemon of Postfix), rejection (the message looks like a rejection), overlong.',
  },
  postblock_log_lag_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Time by which the newest log line that was read is behind the clock. It does not grow while the log has no new lines.',
  },
  postblock_log_last_line_timestamp_seconds: {
    type: 'gauge',
    labels: ['source'],
    help: 'Time stamp of the newest line of Postfix that was read, by log file, or journal.',
  },
  postblock_log_suppressed_total: {
    type: 'counter',
    labels: [],
    help: 'Log lines that journald or rsyslogd report as dropped.',
  },
  postblock_events_total: {
    type: 'counter',
    labels: ['kind', 'class'],
    help: 'Events in the log, by kind and class, whether a rule counts them or not. class is empty for a kind without classes.',
  },
  postblock_blocks_active: {
    type: 'gauge',
    labels: ['rule', 'enforced'],
    help: 'Blocks in force. enforced is false for watched blocks, which refuse nothing.',
  },
  postblock_blocks_started_total: {
    type: 'counter',
    labels: ['rule'],
    help: 'Blocks that started, watched ones included.',
  },
  postblock_blocks_ended_total: {
    type: 'counter',
    labels: ['rule', 'reason'],
    help: 'Blocks that ended, watched ones included, by reason.',
  },
  postblock_spared_total: {
    type: 'counter',
    labels: ['rule'],
    help: 'Clients that reached the limit of a rule and were not blocked, once in each window.',
  },
  postblock_mails_refused_total: {
    type: 'counter',
    labels: ['rule'],
    help: 'Refusals that Postfix logged because of a block.',
  },
  postblock_mails_refused_in_standing_total: {
    type: 'counter',
    labels: ['rule'],
    help: 'Of the refusals, those of clients that brought accepted mail or a login within a day.',
  },
  postblock_tracked_clients: { type: 'gauge', labels: [], help: 'Clients in memory.' },
  postblock_snapshot_age_seconds: { type: 'gauge', labels: [], help: 'Time since the last snapshot.' },
  postblock_snapshot_duration_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Time that the last snapshot took.',
  },
  postblock_trouble: {
    type: 'gauge',
    labels: ['name'],
    help: '1 while postblock status reports the trouble, else 0.',
  },
  postblock_policy_loaded_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When policy.yml was last loaded without a mistake.',
  },
  postblock_share_up: {
    type: 'gauge',
    labels: [],
    help: '1 if the shared server answers, else 0. Only with share-state.',
  },
  postblock_share_backlog_events: {
    type: 'gauge',
    labels: [],
    help: 'Events that were read and that the shared server has not counted. Only with share-state.',
  },
  postblock_share_rtt_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Time that the last answered call to the shared server took. Only with share-state.',
  },
} as const satisfies Readonly<Record<string, Form>>;

export type FamilyName = keyof typeof FAMILIES;

/** A value, and the values of its labels in the order of the family. */
export type Sample = readonly [value: number, ...labels: readonly string[]];

/** Counts by bucket, not cumulative; one more than there are bounds, for all that is above. */
export interface Distribution {
  /** seconds, ascending */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  /** seconds */
  readonly sum: number;
}
