// The server's reply in a logged rejection: code, reply name, Postfix's own words, and the envelope after them.

/**
 * Whether a reply is a permanent rejection: `5xx …` (smtpd, postscreen), or `5.x.x …` (cleanup, which logs the
 * enhanced status code of RFC 3463 alone).
 */
export function isPermanent(reply: string): boolean {
  return reply.charCodeAt(0) === 53;
}

/** As isPermanent: `4xx …`, or `4.x.x …`. */
export function isTemporary(reply: string): boolean {
  return reply.charCodeAt(0) === 52;
}

const HELO = ' helo=<';
/**
 * The end of a whole line: postscreen puts commas between. Postfix 3.10 appends ` sasl_method=METHOD
 * sasl_username=USER` (smtpd_check.c, log_whatsup), and a user name may contain anything.
 */
const PLAIN_END = / proto=[A-Z]{4,8},?(?: helo=<([^<>]*)>)?$/;
const SASL_END =
  / proto=[A-Z]{4,8}(?: helo=<([^<>]*)>)? sasl_method=[^ ]{1,100}(?: sasl_username=(.*?))?(?: sasl_sender=[^ ]*)?$/;
const SASL = ' sasl_method=';

/** What stands after the addresses of the envelope, in a line that is whole. */
export interface EnvelopeEnd {
  /** where ` proto=` begins */
  readonly at: number;
  readonly helo: string | undefined;
  /** the SASL user */
  readonly user: string | undefined;
}

/** @returns undefined where the line was cut off before its end */
export function envelopeEnd(reply: string): EnvelopeEnd | undefined {
  const plain = PLAIN_END.exec(reply);
  if (plain !== null) return { at: plain.index, helo: plain[1], user: undefined };
  const sasl = reply.lastIndexOf(SASL);
  const from = sasl < 0 ? -1 : protoAt(reply.slice(0, sasl));
  const ending = from < 0 ? null : SASL_END.exec(reply.slice(from));
  return ending === null ? undefined : { at: from + ending.index, helo: ending[1], user: ending[2] };
}

/**
 * Where the ` proto=` of the envelope after a rejection stands; -1 where there is none. A HELO name may contain blanks and
 * the same words, but neither `<` nor `>` (smtpd.c neuters them), and one of these stands in front of the true one.
 */
export function protoAt(text: string): number {
  const last = text.lastIndexOf(' proto=');
  const helo = text.lastIndexOf(HELO, last);
  const isInHelo = helo >= 0 && last > helo && !/[<>]/.test(text.slice(helo + HELO.length, last));
  return isInHelo ? text.lastIndexOf(' proto=', helo) : last;
}

const STATUS = / \d\.\d{1,3}\.\d{1,3} /y;
const CODE = 3;
/** `550 5.1.1 ` */
const BEHIND_STATUS = 10;
const BLANK = 32;
const DOT = 46;
const ZERO = 48;
const OPEN_ANGLE = 60;

/**
 * Subject and detail of the enhanced status code (RFC 3463), such as 11 for 5.1.1; -1 where none stands, or one of more
 * digits. Nearly all have these, and it is called for each rejection.
 */
export function statusOf(reply: string): number {
  const isStatus =
    reply.charCodeAt(5) === DOT &&
    reply.charCodeAt(7) === DOT &&
    reply.charCodeAt(BEHIND_STATUS - 1) === BLANK;
  return isStatus ? (reply.charCodeAt(6) - ZERO) * 10 + reply.charCodeAt(8) - ZERO : -1;
}

/** Where the text begins, after the code and the enhanced status code, which Postfix has since 2.3. */
export function textAt(reply: string): number {
  if (statusOf(reply) >= 0) return BEHIND_STATUS;
  STATUS.lastIndex = CODE;
  return STATUS.test(reply) ? STATUS.lastIndex : CODE + 1;
}

/** Between the reply name and Postfix's own words (smtpd_check.c): `<NAME>: CLASS rejected: …`, `<NAME>: Relay access denied` */
const BEHIND_NAME = '>: ';
const WORDS =
  /(?:((?:Unverified )?Client host|Helo command|Sender address|Recipient address|Client certificate|SASL login name|Data command|End-of-data|Etrn command) rejected: |Relay access denied)/y;
const SENDER = 'Sender address';
/** Postfix cuts a reply to 510 characters before it logs it (smtpd_check.c, smtpd_check_reject), */
export const MAX_REPLY_TEXT = 510;
/** and a whole message to 2,000 (msg_syslog.c). */
const MAX_MESSAGE = 2000;

/**
 * Where Postfix's own words begin after the code and the reply name; -1 where that is unknown. The reply name may
 * be a recipient or a sender that was written to look like another refusal: it stands in the envelope too, and of
 * names that do, the longest is the true one.
 */
export function ownWordsAt(reply: string): number {
  if (reply !== lastReply) {
    lastWords = findOwnWords(reply);
    lastReply = reply;
  }
  return lastWords;
}

/** The last question and its answer: two callers ask about the same reply in turn. */
let lastReply = '';
let lastWords = -1;

function findOwnWords(reply: string): number {
  const start = textAt(reply);
  if (reply.charCodeAt(start) !== OPEN_ANGLE) return start;
  const first = behindNameAt(reply, start);
  if (first < 0 || behindNameAt(reply, first) < 0) return first;
  const proto = envelopeEnd(reply)?.at;
  if (proto === undefined || reply.length > MAX_MESSAGE || isCut(reply, start + 1)) return -1;
  let longest = -1;
  for (let words = first; words >= 0 && words < proto; words = behindNameAt(reply, words))
    if (isReplyName(reply, start + 1, words, proto)) longest = words;
  return longest;
}

/** After the next `>: `; -1 where there is none. */
function behindNameAt(reply: string, from: number): number {
  const name = reply.indexOf(BEHIND_NAME, from);
  return name < 0 ? -1 : name + BEHIND_NAME.length;
}

/** Whether the reply name is so long that Postfix cut off what it says after it. */
function isCut(reply: string, start: number): boolean {
  const name = reply.slice(start, MAX_REPLY_TEXT);
  return [name, `"${escaped(name)}`].some(
    (form) =>
      reply.startsWith(`; from=<${form}`, MAX_REPLY_TEXT) || reply.includes(` to=<${form}`, MAX_REPLY_TEXT),
  );
}

function isReplyName(reply: string, start: number, behind: number, proto: number): boolean {
  WORDS.lastIndex = behind;
  const words = WORDS.exec(reply);
  if (words === null) return false;
  const name = reply.slice(start, behind - BEHIND_NAME.length);
  // Client and HELO names cannot contain a bracket.
  if (!name.includes('>')) return true;
  return [name, quoted(name)].some((form) => {
    if (words[1] === SENDER) return reply.includes(`; from=<${form}>`, behind);
    const recipient = ` to=<${form}>`;
    return proto - recipient.length >= behind && reply.endsWith(recipient, proto);
  });
}

/** An address as Postfix logs it since 3.5: with the quotes of RFC 5321 (postconf(5), info_log_address_format). */
function quoted(address: string): string {
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  return `"${escaped(local)}"${at < 0 ? '' : address.slice(at)}`;
}

function escaped(local: string): string {
  return local.replace(/["\\]/g, '\\$&');
}
