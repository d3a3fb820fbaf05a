// The log line of qmgr(8) about a message that it takes up: Postfix has accepted it.

import type { Fact } from './fact.ts';

/** opened.c, vopened, of all versions: `QUEUEID: from=<SENDER>, size=N, nrcpt=N (queue active)` */
const FROM = ': from=<';
const AFTER_SENDER = '>, size=';
const RECIPIENTS = /^\d{1,19}, nrcpt=(\d{1,9}) \(queue active\)$/;
const MAX_QUEUE_ID = 25;
/**
 * A sender, which may contain anything, must not say how many recipients there are. A whole line ends with the number. In a
 * line that was cut the end may be the sender's; no syslog daemon cuts lines as short as this.
 */
const MAX_WHOLE = 180;
/** smtpd_recipient_limit of postconf(5). Aliases may expand to more, which are not the client's. */
const MAX_RECIPIENTS = 1000;

/** Each message again whenever it leaves the deferred queue. */
export function qmgrFact(message: string): Fact | undefined {
  const end = message.indexOf(FROM);
  if (end < 1 || end > MAX_QUEUE_ID) return undefined;
  const sender = end + FROM.length;
  const rest = message.indexOf(AFTER_SENDER, sender);
  // `from=<SENDER>, status=expired, returned to sender` (qmgr_active.c) has no size.
  if (rest < 0) return undefined;
  return { type: 'queued', queueId: message.slice(0, end), recipients: recipientsIn(message, rest) };
}

/** @param rest where the text after the sender begins, if the sender does not contain such text: then it does not fit */
function recipientsIn(message: string, rest: number): number {
  if (message.length > MAX_WHOLE) return 1;
  const count = RECIPIENTS.exec(message.slice(rest + AFTER_SENDER.length))?.[1];
  return Math.min(Math.max(1, Number(count ?? 1)), MAX_RECIPIENTS);
}
