// The texts of own refusals, and the test whether a logged rejection is one.

import { Beginnings } from './prefix-table.ts';
import { envelopeEnd, isPermanent, MAX_REPLY_TEXT, ownWordsAt, statusOf } from './reply.ts';

/** Between the reply name and the text of an access(5) REJECT (smtpd_check.c, check_table_result). */
const REJECTED = ' rejected: ';
const WORDS = new Beginnings([
  { words: 'Client host rejected: ' },
  { words: 'Helo command rejected: ' },
  { words: 'Sender address rejected: ' },
  { words: 'Recipient address rejected: ' },
  { words: 'Data command rejected: ' },
  { words: 'End-of-data rejected: ' },
  { words: 'Etrn command rejected: ' },
]);
const MAX_TEXTS = 32;
/** 5.7.1, after the code of `access_map_reject_code`, which may be any 5xx; before Postfix 2.3 there was no status. */
const REJECT = 71;
const NONE = -1;
/** After the text: what smtpd knows of the envelope, up to its ` proto=`. */
const ENVELOPE = /;(?: (?:from|to)=<|$)/y;

/**
 * Postfix cuts a log line at 2,000 characters (msg_output.c). No client that we refuse has an address long enough to
 * push the reason out of the line: RFC 5321 4.5.3.1 allows 256 octets.
 */
const MAX_REPLY = 1600;
/** Characters of a text that the line must still have where a long reply name makes Postfix cut it. */
const MIN_PART = 40;

/** What stands in the places of a text (policy/verdict.ts, messageText): where it may end that begins at `from`. */
type Place = (reply: string, from: number, address: string | undefined) => readonly number[];

const RULE_NAME = /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/y;
const UNTIL = /\d{4}-\d\d-\d\d \d\d:\d\d UTC/y;

const PLACES: Readonly<Record<string, Place>> = {
  '{ip}': (reply, from, address) =>
    address !== undefined && reply.startsWith(address, from) ? [from + address.length] : [],
  '{rule}': (reply, from) => {
    RULE_NAME.lastIndex = from;
    const length = RULE_NAME.exec(reply)?.[0].length ?? 0;
    return Array.from({ length }, (_, i) => from + i + 1);
  },
  '{until}': (reply, from) => {
    UNTIL.lastIndex = from;
    return UNTIL.test(reply) ? [UNTIL.lastIndex] : [];
  },
};
const PLACE = /(\{(?:ip|rule|until)\})/;

/** The texts of own refusals: those of the policy, and those of earlier policies that the log may still contain. */
export class OwnTexts {
  #texts: string[] = [];
  #patterns: string[][] = [];

  /** The texts, newest last, as a snapshot keeps them. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /** Adds texts; `{ip}`, `{rule}` and `{until}` in them stand for what is filled in. Of more than 32, the oldest are removed. */
  add(texts: readonly string[]): void {
    this.#texts = [...this.#texts.filter((text) => !texts.includes(text)), ...new Set(texts)].slice(
      -MAX_TEXTS,
    );
    this.#patterns = this.#texts.map((text) => text.split(PLACE).filter((part) => part !== ''));
  }

  /**
   * Whether a rejection is our own. The reply name may be a recipient or sender that an attacker wrote to look like
   * a refusal of ours. It stands in the envelope too, so a second ` rejected: ` says that it is not ours.
   *
   * @param address the client's, as Postfix printed it
   */
  match(reply: string, address: string | undefined): boolean {
    const status = statusOf(reply);
    if ((status !== REJECT && status !== NONE) || !isPermanent(reply) || reply.length > MAX_REPLY)
      return false;
    const words = ownWordsAt(reply);
    const refused = words < 0 ? undefined : WORDS.of(reply, words)?.words;
    if (refused === undefined) return false;
    const start = words + refused.length;
    // After it stand HELO name and SASL user, and no reply name that could imitate an own refusal contains these.
    const envelope = reply.slice(0, envelopeEnd(reply)?.at ?? 0);
    return this.#patterns.some((pattern) => hasText(envelope, start, pattern, address));
  }
}

/** Whether the text stands at `start`, with the envelope after it and no other refusal in that. */
function hasText(
  reply: string,
  start: number,
  pattern: readonly string[],
  address: string | undefined,
): boolean {
  const isCut = isEnvelope(reply, MAX_REPLY_TEXT);
  let ends: readonly number[] = [start];
  for (const part of pattern) {
    const place = PLACES[part];
    if (isCut && ends.some((from) => isCutPart(reply, start, from, part))) {
      ends = [MAX_REPLY_TEXT];
      break;
    }
    ends = [...new Set(ends.flatMap((from) => place?.(reply, from, address) ?? literal(reply, from, part)))];
  }
  return ends.some((end) => isEnvelope(reply, end) && !reply.includes(REJECTED, end));
}

function literal(reply: string, from: number, part: string): readonly number[] {
  return reply.startsWith(part, from) ? [from + part.length] : [];
}

/** Whether Postfix cut the text off within this part. */
function isCutPart(reply: string, start: number, from: number, part: string): boolean {
  const left = MAX_REPLY_TEXT - from;
  const isEnough = MAX_REPLY_TEXT - start >= MIN_PART && left >= 0 && left < part.length;
  return isEnough && PLACES[part] === undefined && reply.startsWith(part.slice(0, left), from);
}

function isEnvelope(reply: string, at: number): boolean {
  ENVELOPE.lastIndex = at;
  return ENVELOPE.test(reply);
}
