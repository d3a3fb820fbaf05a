// The log line of qmgr(8) about a message that it takes up: Postfix has accepted it.

import type { Fact } from './fact.ts';

/** opened.c, vopened, of all versions: `QUEUEID: from=<SENDER>, size=N, nrcpt=N (queue active)` */
const FROM = ': from=<';
const AFTER_SENDER = '>, size=';
const RECIPIENTS = ', nrcpt=';
const ACTIVE = ' (queue active)';
const MAX_QUEUE_ID = 25;
const ZERO = 48;
const NINE = 57;
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
  return {
    type: 'queued',
    queueId: message.slice(0, end),
    recipients: recipientsIn(message, rest + AFTER_SENDER.length),
  };
}

/** @param size where it stands, unless the sender contains such text: then the line does not end as it should */
function recipientsIn(message: string, size: number): number {
  const sizeEnd = digitsEnd(message, size);
  if (message.length > MAX_WHOLE || !message.startsWith(RECIPIENTS, sizeEnd)) return 1;
  const count = sizeEnd + RECIPIENTS.length;
  const countEnd = digitsEnd(message, count);
  const isWhole = message.length === countEnd + ACTIVE.length && message.endsWith(ACTIVE);
  return isWhole ? Math.min(Math.max(1, Number(message.slice(count, countEnd))), MAX_RECIPIENTS) : 1;
}

function digitsEnd(text: string, from: number): number {
  let end = from;
  while (text.charCodeAt(end) >= ZERO && text.charCodeAt(end) <= NINE) end++;
  return end;
}
