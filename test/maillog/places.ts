// Where Postfix itself writes a client into a log line: read from Postfix's sources, apart from the log reader's own code.

/** Stamps, hosts and levels are words of which none ends in a colon: that is the tag of the program that logs. */
const HEAD =
  /^(?:[^ ]*(?<!:) )*?[^ ]*?(?<program>smtpd|postscreen|cleanup|master)\[\d{1,10}(?<rest>\]: .*)$/s;
const ID = `(?:[0-9A-Za-z]{5,25}: )?`;
const CLIENT = String.raw`(?<name>[^ []*)\[(?<address>[^\]]{1,64})\]`;
const FROM = String.raw`(?: \([^)]{0,40} ?bytes\))? from `;

/** What smtpd.c, smtpd_check.c, smtpd_sasl_glue.c and smtpd_proxy.c print in front of a client, and nothing of the client's. */
const SMTPD = [
  '(?:connect|disconnect) from ',
  'client=',
  'warning: non-E?SMTP command from ',
  `(?:lost connection|timeout|too many errors|improper command pipelining|bare <LF> received) after [A-Z-]{1,24}${FROM}`,
  String.raw`warning: (?:(?:Connection (?:rate|concurrency)|New TLS session rate|AUTH command rate) limit exceeded|Too (?:many|frequent) connections): \d+ from `,
  'warning: Refusing TLS service request from ',
  'abort: TLS from ',
  'SSL_accept error from ',
  '(?:milter-|proxy-)?reject: [A-Z-]{1,24} from ',
];
/** A client of this form is followed by `: SASL`, and before 2.3 by ` sent `. */
const SASL = new RegExp(`^${ID}warning: ${CLIENT}(?::\\d+)?(?:: SASL | sent )`);
/** postscreen.c and its tests. */
const POSTSCREEN = [
  'DISCONNECT ',
  'PASS (?:NEW|OLD) ',
  'NOQUEUE: reject: (?:RCPT|CONNECT) from ',
  'reject: connect from ',
  '(?:NON-SMTP COMMAND|COMMAND (?:PIPELINING|TIME LIMIT|COUNT LIMIT|LENGTH LIMIT)|BARE NEWLINE|(?:DATA|BDAT) without valid RCPT) from ',
  String.raw`(?:PREGREET \d+|HANGUP) after [\d.]+ from `,
];
/** cleanup_milter.c; for other rejections by cleanup, only the queue ID gives the client. */
const CLEANUP = ['milter-reject: END-OF-MESSAGE from '];
const PLACES: Readonly<Record<string, RegExp>> = {
  smtpd: new RegExp(`^${ID}(?:${SMTPD.join('|')})${CLIENT}`),
  postscreen: new RegExp(`^(?:${POSTSCREEN.join('|')})${CLIENT}`),
  cleanup: new RegExp(`^${ID}(?:${CLEANUP.join('|')})${CLIENT}`),
};

/** The address that stands at Postfix's own place for a client; undefined where the line has none. */
export function ownClient(line: string): string | undefined {
  const { program = '', rest = '' } = HEAD.exec(line)?.groups ?? {};
  const end = rest.indexOf(']: ');
  if (end < 0) return undefined;
  const message = rest.slice(end + 3);
  const found = PLACES[program]?.exec(message) ?? (program === 'smtpd' ? SASL.exec(message) : null);
  return found?.groups?.address;
}
