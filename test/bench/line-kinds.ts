// Sorts log lines by kind, to measure the cost of each.

/** The first pattern that matches decides. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['postscreen: reject RCPT', /postscreen\[\d+\]: NOQUEUE: reject: RCPT/],
  ['postscreen: CONNECT, not counted', /postscreen\[\d+\]: CONNECT/],
  ['postscreen: other', /postscreen\[/],
  ['smtpd: reject RCPT, 4xx', /smtpd\[\d+\]: NOQUEUE: reject: RCPT [^:]*(?::[^:]+)*?: 4\d\d /],
  ['smtpd: reject RCPT, 5xx', /smtpd\[\d+\]: NOQUEUE: reject: RCPT/],
  ['smtpd: authentication failed', /smtpd\[\d+\]: warning: .* authentication failed/],
  ['smtpd: connect', /smtpd\[\d+\]: connect/],
  ['smtpd: disconnect', /smtpd\[\d+\]: disconnect/],
  ['smtpd: TLS connection, not counted', /smtpd\[\d+\]: Anonymous TLS/],
  ['smtpd: client=', /smtpd\[\d+\]: \w+: client=/],
  [
    'smtpd: dropped or lost connection',
    /smtpd\[\d+\]: (?:lost|timeout|improper|too many|warning: non|SSL_accept)/,
  ],
  ['cleanup: rejected content', /cleanup\[\d+\]: \w+: (?:milter-)?reject: /],
  ['cleanup: message-id', /cleanup\[/],
  ['deliveries (smtp, lmtp, qmgr, bounce)', /postfix\/(?:smtp|lmtp|qmgr|bounce)\[/],
];

export function byKind(lines: readonly string[]): Map<string, string[]> {
  const sorted = new Map<string, string[]>();
  for (const line of lines) {
    const kind = KINDS.find(([, pattern]) => pattern.test(line))?.[0] ?? 'other programs';
    const known = sorted.get(kind);
    if (known === undefined) sorted.set(kind, [line]);
    else known.push(line);
  }
  return sorted;
}
