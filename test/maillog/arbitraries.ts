// Generators of log lines for properties: the text of Postfix itself, and the places where a client writes.

import fc from 'fast-check';

/** A line: program, process and message; CLIENT and PORT stand for the client, TEXT for what a client wrote. */
export interface Template {
  readonly program: string;
  readonly message: string;
}

const smtpd = (message: string): Template => ({ program: 'smtpd', message });
const postscreen = (message: string): Template => ({ program: 'postscreen', message });
const cleanup = (message: string): Template => ({ program: 'cleanup', message });

/** Every line of Postfix about a client that contains the client's own text. */
export const HOSTILE: readonly Template[] = [
  smtpd(
    'NOQUEUE: reject: RCPT from NAME[CLIENT]: 550 5.1.1 <TEXT>: Recipient address rejected: User unknown; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  smtpd(
    'NOQUEUE: reject: RCPT from NAME[CLIENT]: 554 5.7.1 <TEXT>: Relay access denied; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  smtpd(
    'NOQUEUE: reject: RCPT from NAME[CLIENT]: 450 4.7.1 <TEXT>: Helo command rejected: Host not found; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  smtpd(
    'NOQUEUE: reject: MAIL from NAME[CLIENT]: 554 5.7.1 <TEXT>: Sender address rejected: Access denied; from=<TEXT> proto=SMTP helo=<TEXT>',
  ),
  smtpd(
    'NOQUEUE: reject: EHLO from NAME[CLIENT]: 504 5.5.2 <TEXT>: Helo command rejected: need fully-qualified hostname; proto=SMTP helo=<TEXT>',
  ),
  smtpd(
    'NOQUEUE: reject_warning: RCPT from NAME[CLIENT]: 550 5.1.1 <TEXT>: Recipient address rejected: x; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  smtpd(
    'NOQUEUE: filter: RCPT from NAME[CLIENT]: <TEXT>: Sender address triggers FILTER x:y; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  smtpd(
    'ABCDE12345: milter-reject: END-OF-MESSAGE from NAME[CLIENT]: 554 5.7.1 TEXT; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  smtpd(
    'NOQUEUE: reject: RCPT from NAME[CLIENT]: 550 5.1.1 <TEXT>: Recipient address rejected: User unknown; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT> sasl_method=PLAIN sasl_username=TEXT',
  ),
  smtpd(
    'NOQUEUE: reject: VRFY from NAME[CLIENT]: 550 5.1.1 <TEXT>: Recipient address rejected: User unknown; to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  smtpd('NOQUEUE: reject: RCPT from NAME[CLIENT]: bare <LF> received; from=<TEXT> proto=ESMTP helo=<TEXT>'),
  smtpd(
    'ABCDE12345: reject: END-OF-MESSAGE from NAME[CLIENT]: bare <LF> received; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  smtpd('warning: NAME[CLIENT] sent non-SMTP command: TEXT'),
  smtpd('warning: NAME[CLIENT]: SASL TEXT authentication aborted'),
  smtpd('warning: NAME[CLIENT]: SASL TEXT authentication failed'),
  smtpd('warning: New TLS session rate limit exceeded: 61 from NAME[CLIENT] for service smtp'),
  smtpd('NOQUEUE: abort: TLS from NAME[CLIENT]: No client certificate presented'),
  smtpd('ABCDE12345: client=NAME[CLIENT], sasl_method=TEXT, sasl_username=TEXT'),
  smtpd('proxy-reject: END-OF-MESSAGE: 554 5.7.0 TEXT; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>'),
  smtpd('proxy-accept: END-OF-MESSAGE: 250 2.0.0 TEXT; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>'),
  smtpd('improper command pipelining after EHLO from NAME[CLIENT]: TEXT'),
  smtpd('warning: non-SMTP command from NAME[CLIENT]: TEXT'),
  smtpd('warning: NAME[CLIENT]: SASL TEXT authentication failed: Invalid authentication mechanism'),
  smtpd('warning: NAME[CLIENT]: SASL LOGIN authentication failed: TEXT, sasl_username=TEXT'),
  smtpd('warning: Illegal address syntax from NAME[CLIENT] in MAIL command: TEXT'),
  smtpd('too many errors after RCPT from NAME[CLIENT]'),
  smtpd('warning: hostname TEXT does not resolve to address CLIENT'),
  smtpd('connect from NAME[CLIENT]'),
  smtpd('disconnect from NAME[CLIENT] ehlo=1 rcpt=0/5 commands=1/6'),
  postscreen('PREGREET 20 after 0.1 from [CLIENT]:40000: TEXT'),
  postscreen('COMMAND PIPELINING from [CLIENT]:40000 after EHLO: TEXT'),
  postscreen('NON-SMTP COMMAND from [CLIENT]:40000 after CONNECT: TEXT'),
  postscreen('BARE NEWLINE from [CLIENT]:40000 after TEXT'),
  postscreen('reject: connect from [CLIENT]:40000: all screening ports busy'),
  postscreen(
    'NOQUEUE: reject: RCPT from [CLIENT]:40000: 550 5.7.1 Service unavailable; client [CLIENT] blocked using x; from=<TEXT>, to=<TEXT>, proto=ESMTP, helo=<TEXT>',
  ),
  postscreen('DISCONNECT [CLIENT]:40000'),
  cleanup(
    'ABCDE12345: reject: header TEXT from NAME[CLIENT]; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>: 5.7.1 no',
  ),
  cleanup(
    'ABCDE12345: reject: body TEXT from NAME[CLIENT]; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>: 5.7.1 no',
  ),
  cleanup(
    'ABCDE12345: warning: header TEXT from NAME[CLIENT]; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  cleanup(
    'ABCDE12345: reject: mime-error improper use of 8-bit data in message header: TEXT from NAME[CLIENT]; from=<TEXT> to=<TEXT>',
  ),
  cleanup(
    'ABCDE12345: milter-header-reject: header TEXT from NAME[CLIENT]; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>: 5.7.1 no',
  ),
  cleanup('ABCDE12345: message-id=<TEXT>'),
  cleanup(
    'ABCDE12345: hold: header Received: TEXT from NAME[CLIENT]; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  { program: 'qmgr', message: 'ABCDE12345: from=<TEXT>, size=512, nrcpt=3 (queue active)' },
  cleanup(
    'ABCDE12345: milter-reject: END-OF-MESSAGE from NAME[CLIENT]: 5.7.1 TEXT; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
  ),
  { program: 'smtp', message: 'ABCDE12345: to=<TEXT>, relay=TEXT, status=bounced (host TEXT said: TEXT)' },
];

/** An address that no client of a test has. */
export const VICTIM = '198.51.100.66';

export function fill(template: string, client: string, text: () => string): string {
  return template
    .replaceAll('NAME', 'unknown')
    .replaceAll('CLIENT', client)
    .replaceAll('TEXT', () => text());
}

/** The victim's own line as Postfix would write it, with or without a stamp and a tag in front. */
const imitation = fc
  .record({
    template: fc.constantFrom(...HOSTILE),
    isWhole: fc.constantFrom('', 'tag', 'line'),
    prefix: fc.constantFrom('', 'x', 'x>: ', '>; ', '; ', ' ', ']: ', ' from ', '"', 'x[1]: '),
  })
  .map(({ template: { program, message }, isWhole, prefix }) => {
    const text = fill(message, VICTIM, () => 'x');
    const tag = isWhole === '' ? '' : `postfix/${program}[101]: `;
    const stamp = isWhole === 'line' ? '2026-11-23T10:00:00.000Z mx ' : '';
    return prefix + stamp + tag + text;
  });

const shred = fc.constantFrom(
  ` from unknown[${VICTIM}]`,
  `unknown[${VICTIM}]: `,
  `[${VICTIM}]:40000`,
  `client=unknown[${VICTIM}]`,
  `warning: unknown[${VICTIM}]: SASL `,
  'NOQUEUE: reject: RCPT',
  'authentication failed: ',
  ' helo=<',
  '>: ',
  '; ',
  '5.7.1 ',
  '554 5.7.1 <',
  ' rejected: ',
  `, orig_client=unknown[${VICTIM}]`,
  ' proto=ESMTP helo=<x> sasl_method=PLAIN sasl_username=',
  'quota',
  ']: ',
  '[101]: ',
  'postfix/smtpd',
);

/** What a client may write: any printable text, imitations of any line of any kind, and shreds of them. */
export const clientText: fc.Arbitrary<string> = fc
  .array(fc.oneof(imitation, shred, fc.string({ maxLength: 12 })), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));
