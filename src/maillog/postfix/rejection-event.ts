// The event of a rejection, by the stage of the SMTP session and by what refused.

import type { EventClass, Kind } from '../../blocks/events/event.ts';
import type { RefusedBy, RejectFact, Stage } from './fact.ts';
import { recipientEvent } from './rejected-recipient.ts';

export interface RejectionEvent {
  readonly kind: Kind;
  readonly class: EventClass | undefined;
}

/** Stages at which a message is refused as a whole. */
export const AFTER_DATA: readonly Stage[] = ['DATA', 'BDAT', 'END-OF-MESSAGE'];

const VRFY: RejectionEvent = { kind: 'probe', class: 'vrfy' };
const MAILBOX_FULL: RejectionEvent = { kind: 'mailbox-full', class: undefined };
const MESSAGE: Readonly<Record<RefusedBy, RejectionEvent>> = {
  restriction: { kind: 'rejected-message', class: 'restriction' },
  milter: { kind: 'rejected-message', class: 'milter' },
  proxy: { kind: 'rejected-message', class: 'proxy' },
  content: { kind: 'rejected-message', class: 'content' },
};
/** RFC 3463: mailbox full. */
const FULL = /^(?:\d{3} )?5\.2\.2 /;

/** @returns undefined at stages at which no recipient and no message is refused: CONNECT, HELO, EHLO, MAIL, ETRN, … */
export function rejectionEvent({ stage, by, reply }: RejectFact): RejectionEvent | undefined {
  if (stage === 'RCPT') return recipientEvent(by, reply);
  if (stage === 'VRFY') return VRFY;
  if (!AFTER_DATA.includes(stage)) return undefined;
  return FULL.test(reply) ? MAILBOX_FULL : MESSAGE[by];
}
