// The event of a rejected recipient, by Postfix's own words at the place where Postfix writes them.

import type { CLASSES } from '../../blocks/events/event.ts';
import { Words } from '../syslog/words.ts';
import type { RefusedBy } from './fact.ts';
import { type Beginning, Beginnings } from './prefix-table.ts';
import { isTemporary, ownWordsAt, statusOf } from './reply.ts';

export interface RecipientEvent {
  readonly kind: 'rejected-recipient' | 'mailbox-full' | 'probe';
  readonly class: (typeof CLASSES)['rejected-recipient' | 'probe'][number] | undefined;
}

interface Meaning extends Beginning {
  readonly event: RecipientEvent;
}

function rejected(of: (typeof CLASSES)['rejected-recipient'][number]): RecipientEvent {
  return { kind: 'rejected-recipient', class: of };
}

const UNKNOWN = rejected('unknown-recipient');
const RELAY_DENIED = rejected('relay-denied');
const BY_DNSBL = rejected('listed-client');
const BY_POLICY = rejected('refused-by-policy');
const OTHER = rejected('refused-recipient');
const MAILBOX_FULL: RecipientEvent = { kind: 'mailbox-full', class: undefined };
const RELAY_DEFERRED: RecipientEvent = { kind: 'probe', class: 'relay-deferred' };

/** RFC 3463: bad destination mailbox address; mailbox full; message too big for the mailbox, and for the host. */
const NO_SUCH_MAILBOX = 11;
const FULL = 22;
const TOO_BIG = [23, 34];
/** RFC 5321 4.2.3: exceeded storage allocation. */
const NO_ROOM = '552 ';
const TWO = 50;

const BEHIND_NAME = '>: ';
const RELAY = new Words('Relay access denied');
const RECIPIENT = new Words('Recipient address rejected: ');
const LISTED = new Words('Service unavailable; ');
const LISTED_CLIENT = new Words('Service unavailable; Client host [');
/** First letters: of these, and of `undeliverable address`, where another host says why. */
const OF_RELAY = 82;
const OF_LISTED = 83;
const OF_UNDELIVERABLE = 117;

/**
 * The words of smtpd_check.c, by the restriction that says them; and of postscreen's RCPT replies, which follow a failed
 * test (postscreen_early.c, postscreen_smtpd.c) or the access list (postscreen.c).
 */
const BY_WORDS = new Beginnings<Meaning>([
  { words: 'Recipient address rejected: Relay access denied', event: RELAY_DENIED },
  { words: 'Recipient address rejected: User unknown', event: UNKNOWN },
  { words: 'Client host rejected: ', event: rejected('refused-client') },
  { words: 'Unverified Client host rejected: ', event: rejected('refused-client') },
  { words: 'Client certificate rejected: ', event: rejected('refused-client') },
  { words: 'Protocol error', event: rejected('refused-client') },
  { words: 'Service currently unavailable', event: rejected('refused-client') },
  { words: 'Helo command rejected: ', event: rejected('refused-helo') },
  { words: 'Sender address rejected: ', event: rejected('refused-sender') },
  { words: 'SASL login name rejected: ', event: rejected('refused-sender') },
]);

/**
 * What a DNSBL has listed, in the words of `default_rbl_reply` and of postscreen. A host that has other words for its
 * DNSBLs has them in no class.
 */
const BY_LISTED = new Beginnings<Meaning>([
  { words: 'client [', event: BY_DNSBL },
  { words: 'Unverified Client host [', event: BY_DNSBL },
  { words: 'Helo command [', event: rejected('refused-helo') },
  { words: 'Sender address [', event: rejected('refused-sender') },
]);

/** The words of smtpd_check.c itself about a recipient: anything else is the text of a policy service or access table. */
const BUILT_IN =
  /^(?:Access denied|undeliverable address|unverified address|need fully-qualified address|Domain |Malformed DNS server reply|Improper use of SMTP command pipelining|Multi-recipient bounce|Try again later|Server configuration )/;
/** Address verification: what the recipient's own host answered (smtp_trouble.c). */
const FULL_ELSEWHERE = /^undeliverable address: host [^ ]{1,300} said: (?:552[ -]|5\d\d[ -]5\.2\.2 )/;
const QUOTA = /\b(?:over ?quota|quota|mailbox (?:is )?full)\b/i;

/**
 * Called for each rejected recipient, so most are recognized by a character and one comparison.
 *
 * @param by `restriction` for smtpd's own and for postscreen, `milter` where a milter wrote the reply
 * @param reply permanent, or `454 …` of a relay that is denied for now
 */
export function recipientEvent(by: RefusedBy, reply: string): RecipientEvent {
  if (isTemporary(reply)) return RELAY_DEFERRED;
  const status = statusOf(reply);
  if (status === FULL || isOutOfRoom(reply, status)) return MAILBOX_FULL;
  const isUnknown = status === NO_SUCH_MAILBOX;
  if (by !== 'restriction') return isUnknown ? UNKNOWN : BY_POLICY;
  if (isUnknown && !isVerified(reply)) return UNKNOWN;
  const words = ownWordsAt(reply);
  if (words < 0) return isUnknown ? UNKNOWN : OTHER;
  switch (reply.charCodeAt(words)) {
    case OF_LISTED:
      if (LISTED_CLIENT.standAt(reply, words)) return BY_DNSBL;
      break;
    case OF_RELAY:
      if (RELAY.standAt(reply, words)) return RELAY_DENIED;
  }
  return byWords(reply, words) ?? (isUnknown ? UNKNOWN : OTHER);
}

/** Whether the reason is that of another host, which was asked for the recipient: `undeliverable address: …`. */
function isVerified(reply: string): boolean {
  const name = reply.indexOf(BEHIND_NAME);
  return reply.charCodeAt(name + BEHIND_NAME.length + RECIPIENT.length) === OF_UNDELIVERABLE;
}

function isOutOfRoom(reply: string, status: number): boolean {
  return reply.charCodeAt(2) === TWO && reply.startsWith(NO_ROOM) && !TOO_BIG.includes(status);
}

/** Whether a relay is denied with 454, by defer_unauth_destination, for one. */
export function isRelayDeferred(reply: string): boolean {
  if (!reply.startsWith('454 ')) return false;
  const words = ownWordsAt(reply);
  return words >= 0 && RELAY.standAt(reply, words);
}

function byWords(reply: string, words: number): RecipientEvent | undefined {
  if (LISTED.standAt(reply, words)) return BY_LISTED.of(reply, words + LISTED.length)?.event;
  const event = BY_WORDS.of(reply, words)?.event;
  if (event !== undefined || !RECIPIENT.standAt(reply, words)) return event;
  return byReason(reply, words + RECIPIENT.length);
}

/** RFC 3463: x.7.x is a matter of policy; Postfix before 2.3 has no status. */
const POLICY = /^\d{3} (?:5\.7\.|<)/;

/** By the reason after `Recipient address rejected: `. */
function byReason(reply: string, from: number): RecipientEvent | undefined {
  const end = reply.slice(from).search(/; (?:from=<|to=<|proto=)/);
  const reason = end < 0 ? reply.slice(from) : reply.slice(from, from + end);
  // A word that the client wrote itself says nothing: a policy service may repeat it.
  const isFull =
    FULL_ELSEWHERE.test(reason) || (QUOTA.test(reason) && !QUOTA.test(reply.slice(from + reason.length)));
  if (isFull) return MAILBOX_FULL;
  return !BUILT_IN.test(reason) && POLICY.test(reply) ? BY_POLICY : undefined;
}
