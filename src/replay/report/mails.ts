// Follows mails through Postfix: from the client= line through the queue to their recipients.

import { clipped } from '../../maillog/postfix/detail.ts';
import type { MessageFact } from '../../maillog/postfix/fact.ts';
import { queueIdOf } from '../../maillog/postfix/queue-id.ts';
import type { LogRecord } from '../../maillog/syslog/record.ts';
import { own } from '../../values/detached-string.ts';
import type { Outcome } from './report.ts';

/** A mail that smtpd has begun to receive: its client and its queue ID. */
export interface Arrival {
  readonly queueId: string;
  readonly address: string;
  readonly name: string | undefined;
  /** SASL user */
  readonly user: string | undefined;
  /** ms since 1970; when smtpd logs the client, at the first recipient */
  readonly at: number;
}

/** A mail that Postfix has accepted and queued. */
export interface AcceptedMail extends Arrival {
  readonly acceptedAt: number;
  readonly sender: string;
  readonly recipientCount: number;
}

/** The delivery of a mail, as far as the log shows it. */
export interface Delivery {
  readonly recipients: { readonly address: string; readonly status: string }[];
  /** recipients whose delivery has ended, and those of them to whom the mail was delivered */
  ended: number;
  sent: number;
}

interface Awaited {
  readonly delivery: Delivery;
  /** called when the mail reaches its first recipient */
  readonly onDelivered: () => void;
}

/** Mails that smtpd is receiving: more than any Postfix has smtpd processes. */
const MAX_ARRIVALS = 20_000;
/** Mails whose delivery is followed: the queue of a busy host. */
const MAX_AWAITED = 20_000;
const MAX_RECIPIENTS = 10;
const MAX_TEXT = 160;
/** Follows the queue ID in qmgr's line about a mail that was accepted. */
const SENDER = ': from=<';
const EXPIRED = />, status=(?:force-)?expired, returned to sender$/;

export class Mails {
  readonly #arrivals = new Map<string, Arrival>();
  readonly #awaited = new Map<string, Awaited>();

  /** Takes the `client=` line of a mail. @returns undefined for a mail that was received before */
  arrive(
    record: LogRecord,
    queueId: string,
    { client, user, origin }: Omit<MessageFact, 'type' | 'queueId'>,
  ): Arrival | undefined {
    // Postfix reuses short queue IDs: the mail that had this one is gone, even if the log does not show its end.
    this.#arrivals.delete(queueId);
    this.#awaited.delete(queueId);
    // `QUEUEID: client=CLIENT`, and then what the fact does not contain
    const { message } = record;
    const rest = message.slice(queueId.length + 2 + client.end);
    // A content filter returns a mail: XFORWARD gives the original client (smtpd.c). With the original queue ID, the
    // mail was counted when it was first received.
    if (rest.startsWith(', orig_queue_id=')) return undefined;
    const { address, name } = origin ?? client;
    const arrival = {
      queueId: own(queueId),
      address: own(address),
      name: name === undefined ? undefined : own(name),
      user: user === undefined ? undefined : clipped(user, MAX_TEXT),
      at: record.at,
    };
    makeRoom(this.#arrivals, MAX_ARRIVALS);
    this.#arrivals.set(arrival.queueId, arrival);
    return arrival;
  }

  /**
   * Takes a line of qmgr(8) or of a delivery agent.
   *
   * @returns the arrival of the mail, where the line shows that it has been accepted
   */
  follow({ program, message }: LogRecord): Arrival | undefined {
    if (program !== 'qmgr') {
      if (this.#awaited.size > 0) this.#deliver(message);
      return undefined;
    }
    // Only qmgr's `QUEUEID: from=<SENDER>, size=N, nrcpt=N (queue active)` shows that Postfix has accepted the mail.
    const from = message.indexOf(SENDER);
    if (from < 0) {
      if (this.#awaited.size > 0) this.#deliver(message);
      return undefined;
    }
    const arrival = this.#arrivals.get(message.slice(0, from));
    if (arrival === undefined) {
      if (EXPIRED.test(message)) this.#expire(message.slice(0, from));
      return undefined;
    }
    this.#arrivals.delete(arrival.queueId);
    return arrival;
  }

  /** Follows the delivery of this mail from now on. */
  await({ queueId }: AcceptedMail, onDelivered: () => void): Delivery {
    const delivery: Delivery = { recipients: [], ended: 0, sent: 0 };
    makeRoom(this.#awaited, MAX_AWAITED);
    this.#awaited.set(queueId, { delivery, onDelivered });
    return delivery;
  }

  /** `QUEUEID: from=<SENDER>, status=expired, returned to sender`: the remaining recipients never get it. */
  #expire(queueId: string): void {
    const awaited = this.#awaited.get(queueId);
    if (awaited !== undefined) awaited.delivery.ended++;
  }

  /** `QUEUEID: to=<RECIPIENT>, [orig_to=<…>, ]relay=…, delay=…, …, status=STATUS (…)`, or `QUEUEID: removed` */
  #deliver(message: string): void {
    const queueId = queueIdOf(message) ?? '';
    const awaited = this.#awaited.get(queueId);
    if (awaited === undefined) return;
    const { delivery, onDelivered } = awaited;
    if (message.startsWith(': removed', queueId.length)) {
      this.#awaited.delete(queueId);
      return;
    }
    if (!message.startsWith(': to=<', queueId.length)) return;
    const [, status = ''] = /, status=([a-z]{1,16})/.exec(message) ?? [];
    // Postfix tries a deferred mail again. What counts is how it ends for each recipient.
    if (status === '' || status === 'deferred') return;
    delivery.ended++;
    if (status === 'sent' && ++delivery.sent === 1) onDelivered();
    if (delivery.recipients.length >= MAX_RECIPIENTS) return;
    const start = queueId.length + 6;
    const address = clipped(message.slice(start, Math.max(start, message.indexOf('>, ', start))), MAX_TEXT);
    delivery.recipients.push({ address, status: own(status) });
  }
}

/** The accepted mail, from its arrival and qmgr's record. Called for few mails. */
export function acceptedMail(arrival: Arrival, { at: acceptedAt, message }: LogRecord): AcceptedMail {
  const end = message.lastIndexOf('>, size=');
  const recipientCount = Number(/, nrcpt=(\d{1,9}) /.exec(message.slice(end))?.[1] ?? 1);
  const start = arrival.queueId.length + SENDER.length;
  const sender = clipped(message.slice(start, end), MAX_TEXT);
  return { ...arrival, acceptedAt, sender, recipientCount };
}

/** @param recipientCount of the mail; more than have ended where some are deferred */
export function outcomeOf({ ended, sent }: Delivery, recipientCount: number): Outcome {
  if (ended === 0) return 'unknown';
  if (sent === ended && ended >= recipientCount) return 'delivered';
  return sent === 0 ? 'not-delivered' : 'partly';
}

/**
 * Makes room for one more entry. Evicts many of the oldest at once: to find a Map's first key, V8 passes over all deleted
 * ones.
 */
function makeRoom(map: Map<string, unknown>, max: number): void {
  if (map.size < max) return;
  let left = max / 20;
  for (const key of map.keys()) {
    if (left-- <= 0) break;
    map.delete(key);
  }
}
