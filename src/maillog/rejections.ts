// Rejections in the log: the client and event of each, and which are our own refusals.

import type { LogEvent } from '../blocks/events/event.ts';
import { own } from '../values/detached-string.ts';
import type { OpenSessions } from './open-sessions.ts';
import { isLoopback } from './postfix/client.ts';
import { rejectionDetail } from './postfix/detail.ts';
import type { RejectFact } from './postfix/fact.ts';
import type { OwnTexts } from './postfix/own-texts.ts';
import { AFTER_DATA, rejectionEvent } from './postfix/rejection-event.ts';
import type { Uncounted } from './postfix/uncounted.ts';
import { goOn, type Origin, type Session } from './session.ts';
import type { LogRecord } from './syslog/record.ts';

export class Rejections {
  readonly #texts: OwnTexts;
  readonly #open: OpenSessions;

  constructor(texts: OwnTexts, open: OpenSessions) {
    this.#texts = texts;
    this.#open = open;
  }

  /** @returns the event of the rejection; an own refusal; or why it is not counted */
  judge(fact: RejectFact, record: LogRecord): LogEvent | Uncounted {
    const session = this.#open.rejectedBy(record, fact.client, fact.queueId);
    const client = record.program === 'cleanup' ? senderOf(session, fact) : (fact.client ?? session);
    if (client === undefined) return 'nobody';
    if (session !== undefined && record.program === 'smtpd') goOn(session);
    const { address, name } = client;
    const { at } = record;
    const detail = () => rejectionDetail(record, fact.stage, fact.reply, session?.user);
    if (fact.by === 'restriction' && this.#texts.match(fact.reply, address)) {
      if (session !== undefined) session.refused = true;
      return { kind: 'refusal', at, address, name, detail };
    }
    const event = rejectionEvent(fact);
    if (event === undefined) return 'other-stage';
    if (AFTER_DATA.includes(fact.stage) && !this.#isFirstOf(fact, session)) return 'counted';
    return { kind: event.kind, class: event.class, at, address, name, detail };
  }

  /** Whether this is the first rejection of a message: a message counts once, however many lines report it. */
  #isFirstOf({ by, queueId }: RejectFact, session: Session | undefined): boolean {
    if (session === undefined) return true;
    if (by === 'proxy' && session.rejectedBehind) {
      session.rejectedBehind = false;
      return false;
    }
    if (queueId === undefined) return true;
    if (session.rejectedId === queueId) return false;
    session.rejectedId = own(queueId);
    // A before-queue filter passes the rejection on to the session of the client.
    const front = session.origin && this.#open.proxiedOf(session.origin.address, () => true);
    if (front !== undefined) front.rejectedBehind = true;
    return true;
  }
}

/**
 * The client whose message cleanup refused. A content filter returns mail from an address of this host: if Postfix does
 * not log the original client, the rejection belongs to no client.
 */
function senderOf(session: Session | undefined, { client }: RejectFact): Origin | undefined {
  const sender = session?.origin ?? session ?? client;
  return sender === undefined || isLoopback(sender.address) ? undefined : sender;
}
