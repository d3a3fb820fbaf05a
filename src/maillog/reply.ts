// SMTP replies as Postfix logs its rejections, and which of them are our own.

/**
 * Whether a reply is a permanent rejection: `5xx …` (smtpd, postscreen), or `5.x.x …` (cleanup, which logs the
 * enhanced status code of RFC 3463 alone). Text without any code is a rejection by smtpd itself, such as
 * `bare <LF> received` (3.9), and permanent.
 */
export function isPermanent(reply: string): boolean {
  const first = reply.charCodeAt(0);
  if (first < 48 || first > 57) return reply.startsWith('bare <LF> received');
  return first === 53;
}

/**
 * Where the ` proto=` of the envelope behind a rejection stands; -1 where there is none. A HELO name may hold blanks and
 * the same words, but neither `<` nor `>` (smtpd.c neuters them), and one of these stands in front of the true one.
 */
export function protoAt(text: string): number {
  const last = text.lastIndexOf(' proto=');
  const helo = text.lastIndexOf(HELO, last);
  const isInHelo = helo >= 0 && last > helo && !/[<>]/.test(text.slice(helo + HELO.length, last));
  return isInHelo ? text.lastIndexOf(' proto=', helo) : last;
}

const HELO = ' helo=<';

/** What Postfix puts between the reply name and a policy text (smtpd_check.c: `<%s>: %s rejected: %s`). */
const BETWEEN = '>: ';
const REJECTED = ' rejected: ';
const CLASSES = [
  'Client host',
  'Helo command',
  'Sender address',
  'Recipient address',
  'Data command',
  'End-of-data',
  'Etrn command',
];
const MOST_TEXTS = 32;

/**
 * Postfix cuts a log line at 2,000 characters (msg_output.c), and an address long enough to push its own reason out
 * of the line is nobody's whom we refuse: RFC 5321 4.5.3.1 allows 256 octets.
 */
const MAX_REPLY = 1600;
const END = / proto=[A-Z]{4,8}(?: helo=<[^<>]*>)?$/;

/** The texts of our own refusals: those of the policy, and those of policies before it that the log may still hold. */
export class OwnTexts {
  #texts: string[] = [];
  #patterns: string[][] = [];

  /** The texts, newest last, as a snapshot keeps them. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /** Adds texts; `{ip}`, `{rule}` and `{until}` in them stand for anything. Of more than 32, the oldest go. */
  add(texts: readonly string[]): void {
    this.#texts = [...this.#texts.filter((text) => !texts.includes(text)), ...new Set(texts)].slice(
      -MOST_TEXTS,
    );
    this.#patterns = this.#texts.map((text) => text.split(/\{(?:ip|rule|until)\}/));
  }

  /**
   * Whether a rejection is our own. The reply name may be a recipient or sender that an attacker wrote to look like
   * a refusal of ours; Postfix's true reason follows it then, so a second ` rejected: ` says that it is not ours.
   */
  match(reply: string): boolean {
    if (!reply.startsWith('554 5.7.1 <') || reply.length > MAX_REPLY || !END.test(reply)) return false;
    const name = reply.indexOf(BETWEEN);
    const rejected = reply.indexOf(REJECTED, name);
    if (name < 0 || rejected < 0) return false;
    if (!CLASSES.includes(reply.slice(name + BETWEEN.length, rejected))) return false;
    const start = rejected + REJECTED.length;
    return this.#patterns.some((pattern) => {
      const end = matchPattern(reply, start, pattern);
      return end >= 0 && reply.indexOf(REJECTED, end) < 0;
    });
  }
}

/** Where the text that matches the literal parts in their order ends, before `; `; -1 where it does not match. */
function matchPattern(reply: string, start: number, pattern: readonly string[]): number {
  const [first = '', ...rest] = pattern;
  if (!reply.startsWith(first, start)) return -1;
  let place = start + first.length;
  for (const [i, part] of rest.entries()) {
    const wanted = i === rest.length - 1 ? `${part}; ` : part;
    const found = reply.indexOf(wanted, place);
    if (found < 0) return -1;
    place = found + part.length;
  }
  return reply.startsWith('; ', place) ? place : -1;
}
