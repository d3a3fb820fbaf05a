// Mails on their way through Postfix: from client= over the queue to their recipients. Charges nobody.

import { clipped } from '../../maillog/postfix/detail.ts';
import type { MessageFact } from '../../maillog/postfix/fact.ts';
import { queueIdOf } from '../../maillog/postfix/queue-id.ts';
import type { LogRecord } from '../../maillog/syslog/record.ts';
import { own } from '../../values/detached-string.ts';
import type { Outcome } from './report.ts';

/** A mail that smtpd took up: an SMTP client and its queue ID. */
export interface Arrival {
  readonly queueId: string;
  readonly address: string;
  readonly name: string | undefined;
  /** SASL user */
  readonly user: string | undefined;
  /** ms; when smtpd named the client, at the first recipient */
  readonly at: number;
}

/** A mail that Postfix accepted and put into its queue. */
export interface AcceptedMail extends Arrival {
  readonly acceptedAt: number;
  readonly sender: string;
  readonly recipientCount: number;
}

/** What became of a mail. */
export interface Delivery {
  readonly recipients: { readonly address: string; readonly status: string }[];
  /** recipients told of, and those of them to whom it was delivered */
  told: number;
  sent: number;
}

interface Awaited {
  readonly delivery: Delivery;
  /** called when the first recipient has it */
  readonly onDelivered: () => void;
}

/** Mails taken up and not yet accepted or given up: more than any Postfix runs smtpd processes. */
const MOST_ARRIVALS = 20_000;
/** Mails whose delivery is awaited; the queue of a busy host. */
const MOST_AWAITED = 20_000;
const MOST_RECIPIENTS = 10;
const MAX_TEXT = 160;
/** Behind the queue ID in qmgr's line of a mail that was accepted. */
const SENDER = ': from=<';
const EXPIRED = />, status=(?:force-)?expired, returned to sender$/;

export class Mails {
  readonly #arrivals = new Map<string, Arrival>();
  readonly #awaited = new Map<string, Awaited>();

  /** Takes the `client=` line of a mail. @returns undefined where the mail is one that had come before */
  arrive(
    record: LogRecord,
    queueId: string,
    { client, user, origin }: Omit<MessageFact, 'type' | 'queueId'>,
  ): Arrival | undefined {
    // Postfix uses short queue IDs again: whatever had this one is over, also where the log does not say so.
    this.#arrivals.delete(queueId);
    this.#awaited.delete(queueId);
    // `QUEUEID: client=CLIENT`, and behind it what the fact does not hold
    const { message } = record;
    const rest = message.slice(queueId.length + 2 + client.end);
    // A content filter hands a mail back: XFORWARD tells the client behind it (smtpd.c), and with its queue ID that
    // the mail was counted when it first came.
    if (rest.startsWith(', orig_queue_id=')) return undefined;
    const { address, name } = origin ?? client;
    const arrival = {
      queueId: own(queueId),
      address: own(address),
      name: name === undefined ? undefined : own(name),
      user: user === undefined ? undefined : clipped(user, MAX_TEXT),
      at: record.at,
    };
    bound(this.#arrivals, MOST_ARRIVALS);
    this.#arrivals.set(arrival.queueId, arrival);
    return arrival;
  }

  /**
   * Takes a line of qmgr(8) or of a delivery agent.
   * @returns how the mail came, where the line says that it was accepted just now
   */
  follow({ program, message }: LogRecord): Arrival | undefined {
    if (program !== 'qmgr') {
      if (this.#awaited.size > 0) this.#deliver(message);
      return undefined;
    }
    // Only qmgr's `QUEUEID: from=<SENDER>, size=N, nrcpt=N (queue active)` says that the mail is Postfix's now.
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

  /** From now on what becomes of this mail is noted. */
  await({ queueId }: AcceptedMail, onDelivered: () => void): Delivery {
    const delivery: Delivery = { recipients: [], told: 0, sent: 0 };
    bound(this.#awaited, MOST_AWAITED);
    this.#awaited.set(queueId, { delivery, onDelivered });
    return delivery;
  }

  /** `QUEUEID: from=<SENDER>, status=expired, returned to sender`: whoever has not got it by now never will. */
  #expire(queueId: string): void {
    const awaited = this.#awaited.get(queueId);
    if (awaited !== undefined) awaited.delivery.told++;
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
    // A mail that waits is tried again and again: what counts is how it ends for each recipient.
    if (status === '' || status === 'deferred') return;
    delivery.told++;
    if (status === 'sent' && ++delivery.sent === 1) onDelivered();
    if (delivery.recipients.length >= MOST_RECIPIENTS) return;
    const start = queueId.length + 6;
    const address = clipped(message.slice(start, Math.max(start, message.indexOf('>, ', start))), MAX_TEXT);
    delivery.recipients.push({ address, status: own(status) });
  }
}

/** The mail that came so, by the record that says that it was accepted. Few of those that are followed are asked for. */
export function acceptedMail(arrival: Arrival, { at: acceptedAt, message }: LogRecord): AcceptedMail {
  const end = message.lastIndexOf('>, size=');
  const recipientCount = Number(/, nrcpt=(\d{1,9}) /.exec(message.slice(end))?.[1] ?? 1);
  const start = arrival.queueId.length + SENDER.length;
  const sender = clipped(message.slice(start, end), MAX_TEXT);
  return { ...arrival, acceptedAt, sender, recipientCount };
}

/** @param recipientCount of the mail, more than were told of where some still wait */
export function outcomeOf({ told, sent }: Delivery, recipientCount: number): Outcome {
  if (told === 0) return 'unknown';
  if (sent === told && told >= recipientCount) return 'delivered';
  return sent === 0 ? 'not-delivered' : 'partly';
}

/**
 * Makes room for one more: of the oldest, many go at once, because a Map's first key is found by passing over all that
 * were deleted.
 */
function bound(map: Map<string, unknown>, most: number): void {
  if (map.size < most) return;
  let left = most / 20;
  for (const key of map.keys()) {
    if (left-- <= 0) break;
    map.delete(key);
  }
}
