// Lines as Postfix logs them, stamped with the present, for daemons that follow the log.

import type { TestDaemon } from '../harness/daemon.ts';

/** rsyslog's RFC 3339 stamp. @param at ms since 1970 */
export function stamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '000+00:00');
}

function line(at: number, tag: string, message: string): string {
  return `${stamp(at)} mx1 ${tag}: ${message}`;
}

/** One line: smtpd refuses a recipient for good. */
export function rejectedRecipient(ip: string, at = Date.now()): string[] {
  const reply =
    '550 5.1.1 <nobody@example.net>: Recipient address rejected: User unknown in virtual mailbox table';
  const envelope = 'from=<shop@example.org> to=<nobody@example.net> proto=ESMTP helo=<mail.example.org>';
  return [
    line(at, 'postfix/smtpd[2101]', `NOQUEUE: reject: RCPT from unknown[${ip}]: ${reply}; ${envelope}`),
  ];
}

/** One line: our own refusal of a client that rejected-recipients of the small rules blocks. */
export function refusedByUs(ip: string, recipient: string, at = Date.now()): string[] {
  const text = 'Your IP is sending excessive rejected recipients. Please contact support.';
  const reply = `554 5.7.1 <unknown[${ip}]>: Client host rejected: ${text}`;
  const envelope = `from=<shop@example.org> to=<${recipient}> proto=ESMTP helo=<mail.example.org>`;
  return [
    line(at, 'postfix/smtpd[2101]', `NOQUEUE: reject: RCPT from unknown[${ip}]: ${reply}; ${envelope}`),
  ];
}

/** One line: a failed login at submission. */
export function authFailure(ip: string, at = Date.now(), user = 'info@example.net'): string[] {
  const message = `warning: unknown[${ip}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=${user}`;
  return [line(at, 'postfix/submission/smtpd[2202]', message)];
}

/** A whole session that Postfix ended, one event. */
export function droppedConnection(ip: string, at = Date.now()): string[] {
  return [
    `connect from unknown[${ip}]`,
    `too many errors after RCPT from unknown[${ip}]`,
    `disconnect from unknown[${ip}] ehlo=1 mail=1 rcpt=0/20 commands=2/22`,
  ].map((message) => line(at, 'postfix/smtpd[2303]', message));
}

let messages = 0;

/** A message that a milter refused after DATA. */
export function rejectedMessage(ip: string, at = Date.now()): string[] {
  const id = (0x4c1e2a000 + messages++).toString(16).toUpperCase();
  const envelope = 'from=<shop@example.org> to=<alice@example.net> proto=ESMTP helo=<mail.example.org>';
  return [
    line(at, 'postfix/smtpd[2404]', `${id}: client=unknown[${ip}]`),
    line(
      at,
      'postfix/cleanup[2505]',
      `${id}: milter-reject: END-OF-MESSAGE from unknown[${ip}]: 5.7.1 Spam message rejected; ${envelope}`,
    ),
  ];
}

/** A whole session with one message. @param user who logs in for it; empty for nobody */
export function acceptedMessage(ip: string, process: number, at: number, user = ''): string[] {
  const id = (0x5c1e2a000 + messages++).toString(16).toUpperCase();
  const login = user === '' ? '' : `, sasl_method=PLAIN, sasl_username=${user}`;
  const auth = user === '' ? '' : ' auth=1';
  const counts = `ehlo=1${auth} mail=1 rcpt=1 data=1 quit=1 commands=${user === '' ? 5 : 6}`;
  return [
    line(at, `postfix/smtpd[${process}]`, `connect from unknown[${ip}]`),
    line(at, `postfix/smtpd[${process}]`, `${id}: client=unknown[${ip}]${login}`),
    line(at, 'postfix/qmgr[50]', `${id}: from=<shop@example.org>, size=512, nrcpt=1 (queue active)`),
    line(at, `postfix/smtpd[${process}]`, `disconnect from unknown[${ip}] ${counts}`),
  ];
}

/** `count` times one event of a client. */
export function times(count: number, event: () => readonly string[]): string[] {
  return Array.from({ length: count }, event).flat();
}

let sentinels = 0;

/**
 * Resolves when the daemon has read the log up to here: another client breaks a rule after everything else, and its
 * block is awaited.
 *
 * @param limit rejected recipients that start a block
 */
export async function caughtUp(daemon: TestDaemon, limit = 3): Promise<void> {
  const ip = `203.0.113.${++sentinels % 256}`;
  daemon.append(...times(limit, () => rejectedRecipient(ip)));
  await daemon.said(new RegExp(` block ip=${ip} `));
}

/** The lines of audit.jsonl about this client, each as `block AT` or `end SINCE`. */
export function auditOf(daemon: TestDaemon, ip: string): string[] {
  return daemon
    .audit()
    .filter((entry) => entry.ip === ip)
    .map((entry) => `${entry.event} ${entry.event === 'block' ? entry.at : entry.since}`);
}
