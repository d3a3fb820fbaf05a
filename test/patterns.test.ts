// No text, however it is made, takes a regular expression of the product more than linear time.

import { expect } from 'chai';
import { isClientName } from '../src/blocks/allow.ts';
import { noteOfMail } from '../src/blocks/table/note-forms.ts';
import { abuseReport } from '../src/cli/text/abuse-report.ts';
import { parseConfig } from '../src/config/config.ts';
import { networksOf, PatternError, patternsIn, withoutComments } from '../src/config/mynetworks.ts';
import { optionName } from '../src/config/policy-changes.ts';
import { stateDirectoryIn } from '../src/config/state-directory.ts';
import { tooDeepAt } from '../src/config/yaml/nesting.ts';
import { needleOf } from '../src/desk/find/needle.ts';
import { breakable } from '../src/html/breaks.ts';
import { html } from '../src/html/html.ts';
import { cleanupFact } from '../src/maillog/postfix/cleanup.ts';
import { authFailureDetail, clipped, endingDetail } from '../src/maillog/postfix/detail.ts';
import { OwnTexts } from '../src/maillog/postfix/own-texts.ts';
import { postscreenFact } from '../src/maillog/postfix/postscreen.ts';
import { recipientEvent } from '../src/maillog/postfix/rejected-recipient.ts';
import { envelopeEnd, ownWordsAt, protoAt, textAt } from '../src/maillog/postfix/reply.ts';
import { smtpdFact } from '../src/maillog/postfix/smtpd.ts';
import { LogReader } from '../src/maillog/reader.ts';
import { endedBy } from '../src/maillog/session.ts';
import { isPosition } from '../src/maillog/sources/source.ts';
import { endedText } from '../src/maillog/syslog/container.ts';
import { hostsOf } from '../src/maillog/syslog/header-words.ts';
import { LineReader } from '../src/maillog/syslog/line-reader.ts';
import { logTextOf } from '../src/maillog/syslog/log-text.ts';
import { CLIENT_PROCESSES, type Program } from '../src/maillog/syslog/process.ts';
import type { LogRecord } from '../src/maillog/syslog/record.ts';
import { unwrapped } from '../src/maillog/syslog/repetition.ts';
import { StampReader } from '../src/maillog/syslog/stamp.ts';
import { hasZone } from '../src/maillog/syslog/stamp-forms.ts';
import { textOfUtf8, utf8Bytes } from '../src/maillog/syslog/utf8.ts';
import { isZoneName } from '../src/maillog/syslog/zone.ts';
import { filledArguments } from '../src/notices/arguments.ts';
import { retryAfter } from '../src/notices/retry.ts';
import { messageText } from '../src/policy/verdict.ts';
import { firstTimeOfExport } from '../src/replay/input/export-format.ts';
import { formatOf } from '../src/replay/input/format.ts';
import { firstTimeOfJson } from '../src/replay/input/json-format.ts';
import { BlindSpotFinder } from '../src/replay/report/blind-spots.ts';
import { acceptedMail, Mails } from '../src/replay/report/mails.ts';
import { visible } from '../src/terminal/text.ts';
import { parseDuration } from '../src/values/duration.ts';
import { parseNetwork } from '../src/values/network.ts';
import { pastedAddress } from '../src/values/pasted-address.ts';
import { AUTH } from './blocks/blocks-fixture.ts';
import { type Input, superlinear } from './harness/linear.ts';
import { productPatterns, sources } from './harness/patterns.ts';
import { parseLine } from './maillog/parse-line.ts';
import { block, noticeWith } from './notices/events.ts';

function reportOf(line: string): unknown {
  const at = '2026-11-24T19:09:10.000Z';
  const block = { ip: '192.0.2.7', rule: 'r', since: at, count: 3 };
  const reporter = { org: 'x', contact: 'a@example.com', domain: 'example.com' };
  return abuseReport({ ...block, evidence: [{ at, kind: 'auth-failure', line }] }, reporter, 'id');
}

type Feed = (text: string) => unknown;

interface Use {
  /** the function that uses the pattern, with the text where the pattern looks at it; itself where that is private */
  readonly feed: Feed | 'itself';
  /** what a text must begin with to come as far as it can */
  readonly prefixes?: readonly string[];
}

const record = (message: string, program: Program = 'smtpd'): LogRecord => ({
  at: 0,
  program,
  process: 'mx smtpd[1',
  message,
});
const told = (message: string, program: Program = 'smtpd') =>
  new LogReader().read(record(message, program), (event) => event.detail?.());
const CLIENT = 'unknown[192.0.2.1]';
const SASL = `warning: ${CLIENT}: SASL `;
const BODY = 'ABCDE12345: reject: body ';

function ruleWith(option: string, text: string): unknown {
  return parseConfig(`rules: {r: {${option}: ${JSON.stringify(text)}}}\n`, '/policy.yml');
}

function mynetworks(text: string): unknown {
  try {
    return networksOf([{ text, isNegated: false }], true);
  } catch (error) {
    return error instanceof PatternError;
  }
}

function ownTexts(text: string): unknown {
  const own = new OwnTexts();
  own.add([text, `${text}{ip}${text}{until}`]);
  const reply = `554 5.7.1 <x>: Client host rejected: ${text}; from=<x> proto=SMTP helo=<x>`;
  return own.match(reply, '192.0.2.1');
}

const RECIPIENT = '554 5.7.1 <x>: Recipient address rejected: ';

function refusedRecipient(text: string): unknown {
  return recipientEvent('restriction', text);
}

/** A refusal with more than one place where the reply name may end. */
function manyNames(text: string): unknown {
  return ownWordsAt(`554 5.7.1 <${text}>: Relay access denied; to=<${text}> proto=SMTP`);
}

function unreadable(text: string): void {
  new BlindSpotFinder().unreadable(text);
}

function blindSpot(text: string): void {
  new BlindSpotFinder().look(record(`ABCDE12345: reject: x ${text}`), undefined);
  new BlindSpotFinder().look(record(text), undefined);
}

/** A mail of an authenticated client with this behind its client, and this behind its sender. */
function mailWith(behindClient: string, behindSender: string): Mails {
  const mails = new Mails();
  const message = `ABCDE12345: client=${CLIENT}${behindClient}`;
  const client = { address: '192.0.2.1', name: undefined, port: '', end: 'client='.length + CLIENT.length };
  mails.arrive(record(message), 'ABCDE12345', {
    client,
    user: undefined,
    origin: undefined,
    isRequeued: false,
  });
  const line = record(`ABCDE12345: from=<x>, size=1${behindSender}`, 'qmgr');
  const arrival = mails.follow(line);
  if (arrival !== undefined) mails.await(acceptedMail(arrival, line), () => undefined);
  return mails;
}

function tagged(text: string): unknown {
  return [CLIENT_PROCESSES.programOf(text), parse(`2026-11-23T10:00:00Z mx ${text}smtpd[1]: x`)];
}

function parse(text: string): unknown {
  return parseLine(text, new StampReader(), 0);
}

function contained(text: string): unknown {
  return new LineReader().read(logTextOf(utf8Bytes(text)), 0, 0, utf8Bytes(text).length);
}

function stamp(text: string): unknown {
  return new StampReader().read(text, 0);
}

function deliveryOf(text: string): unknown {
  return mailWith('', '').follow(record(`ABCDE12345: to=<${text}`, 'discard'));
}

const USES: Readonly<Record<string, Use>> = {
  'blocks/allow.ts /^\\.?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/':
    { feed: isClientName, prefixes: ['', '.'] },
  'blocks/allow.ts /[a-z]/': { feed: isClientName },
  'desk/find/needle.ts /^[ !#-[\\]-~]+$/': { feed: needleOf },
  'values/network.ts /^\\d{1,3}$/': { feed: parseNetwork, prefixes: ['', '192.0.2.1/', '::1/'] },
  'values/pasted-address.ts /^(?:client=)?[\\w.-]*\\[([^[\\]\\s]*)\\](?:[:,;.]|:\\d{1,5}:?|(\\/\\d{1,3}))?$/':
    {
      feed: pastedAddress,
      prefixes: ['', 'client=', 'a', '[', 'a[192.0.2.1]:'],
    },
  'values/pasted-address.ts /^(\\d{1,3}(?:\\.\\d{1,3}){3})(?::\\d{1,5}|[:,;.])$/': {
    feed: pastedAddress,
    prefixes: ['', '1.1.1.1:'],
  },
  'values/pasted-address.ts /^IPv6:/i': { feed: pastedAddress, prefixes: ['', 'IPv6:'] },
  'values/duration.ts /^(?:\\d{1,9}[smhdw])+$/': { feed: parseDuration },
  'values/duration.ts /(\\d+)([smhdw])/g': { feed: parseDuration },
  'blocks/table/note-forms.ts /[\\u0100-\\uffff]/': {
    feed: (text) => noteOfMail({ at: '2026-11-23T10:00:00.000Z', sender: text }),
  },
  'config/fields/notice-fields.ts /\\{([a-z]+)\\}/g': {
    feed: (text) => parseConfig(`on-block: [{command: [/x, ${JSON.stringify(text)}]}]\n`, '/p'),
    prefixes: ['', '{', '{a}'],
  },
  'notices/arguments.ts /\\{(event|ip|rule|until|total|host|text)\\}/g': {
    feed: (text) => filledArguments([text], noticeWith(block())),
    prefixes: ['', '{', '{ip}'],
  },
  "config/fields/reporter-field.ts /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/": {
    feed: (text) => parseConfig(`reporter: {contact: ${JSON.stringify(text)}}\n`, '/p'),
  },
  'cli/text/abuse-report.ts /^\\S{1,255} \\S{1,255}: (?:warning: )?[^\\s[\\]]{1,255}\\[([0-9A-Fa-f:.]{2,45})\\]:(\\d{1,5}):/':
    {
      feed: (line) => reportOf(line),
      prefixes: ['', 'mx1 postfix/smtpd[1]: ', 'mx1 postfix/smtpd[1]: warning: x[192.0.2.7]:1'],
    },
  'notices/retry.ts /^\\d{1,9}$/': { feed: (text) => retryAfter(text, 0) },
  'config/fields/listen-fields.ts /^(?:\\[([^\\]]+)\\]|([^[\\]:]+)):(\\d{1,5})$/': {
    feed: (text) => parseConfig(`listen: [{inet: ${JSON.stringify(text)}}]\n`, '/p'),
    prefixes: ['', '['],
  },
  'config/fields/listen-fields.ts /^0?[0-7]{3}$/': {
    feed: (text) => parseConfig(`listen: [{unix: /x, mode: ${JSON.stringify(text)}}]\n`, '/p'),
  },
  'config/fields/good-mail-fields.ts /^(\\d{1,3}(?:\\.\\d{1,6})?)%$/': {
    feed: (text) => ruleWith('share', text),
  },
  'config/mynetworks.ts /[\\s,]+/': { feed: (text) => patternsIn(text) },
  'config/mynetworks.ts /^!+/': { feed: (text) => patternsIn(text) },
  'config/mynetworks.ts /^[ \\t]*#.*$/gm': { feed: withoutComments },
  'config/mynetworks.ts /^[\\d.]+$/': { feed: mynetworks },
  'config/mynetworks.ts /^\\[[^[\\]]*\\](?:\\/\\d+)?$/': { feed: mynetworks, prefixes: ['', '['] },
  'config/mynetworks.ts /[[\\]]/g': { feed: mynetworks, prefixes: ['', '['] },
  'config/yaml/nesting.ts /^[ \\t]*(?:[-?:][ \\t]+)*/': { feed: tooDeepAt },
  'config/policy-changes.ts /[A-Z]/g': { feed: optionName },
  'config/state-directory.ts /^\\ufeff?(?:state|"state"|\'state\')[ \\t]*:(?=[ \\t\\r\\n]|$)/m': {
    feed: (text) => stateDirectoryIn(text, '/policy.yml'),
    prefixes: ['[\n', '[\nstate'],
  },
  'config/overrides.ts /^rules\\.(.+)$/': {
    feed: (key) => parseConfig('rules: {}\n', '/p', [{ option: '--set', key, value: '1' }]),
    prefixes: ['', 'rules.', 'rules.x.'],
  },
  'config/fields/rule-fields.ts /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/': {
    feed: (text) => parseConfig(`rules: {${JSON.stringify(text)}: {}}\n`, '/p'),
  },
  'config/fields/rule-fields.ts /^[\\x20-\\x7e]+$/': { feed: (text) => ruleWith('message', text) },
  'config/fields/rule-fields.ts /^[0-9]\\.[0-9]+\\.[0-9]+(?: |$)/': {
    feed: (text) => ruleWith('message', text),
    prefixes: ['', '5.'],
  },
  'config/fields/rule-fields.ts /\\{(?!(?:ip|rule|until)\\})[^}]*\\}?/': {
    feed: (text) => ruleWith('message', text),
  },
  'config/fields/share-fields.ts /^[\\w.-]{1,64}$/': {
    feed: (text) => parseConfig(`share-state: {prefix: ${JSON.stringify(text)}}\n`, '/p'),
  },
  'config/fields/share-fields.ts /^\\/\\d{1,5}$/': {
    feed: (text) => parseConfig(`share-state: {url: ${JSON.stringify(`redis://a${text}`)}}\n`, '/p'),
    prefixes: ['/', ''],
  },
  'sharing/streams.ts /^(\\d{1,16})-(\\d{1,16})$/': { feed: 'itself', prefixes: ['', '1-'] },
  'daemon/systemd/notifier.ts /\\p{Cc}+/gu': { feed: 'itself' },
  'daemon/log/log-line.ts /^[\\w.:/@+-]+$/': { feed: 'itself' },
  'daemon/log/log-line.ts /[\\x7f-\\uffff]/g': { feed: 'itself' },
  'maillog/postfix/cleanup.ts /^(?:reject: (?:header|body|mime-header|nested-header|mime|nested|content|mime-error)|milter-(?:header|body)-reject: (?:header|body)) /':
    { feed: cleanupFact, prefixes: ['ABCDE12345: ', BODY, 'ABCDE12345: milter-header-reject: '] },
  'maillog/postfix/cleanup.ts / from (?:[^ []{0,255}\\[[^\\]]{1,64}\\](?::\\d{1,5})?|local|unknown);/': {
    feed: cleanupFact,
    prefixes: [`${BODY}: 4. from `, `${BODY}: 4. from a[`, `${BODY}: 4. from a[1]:`],
  },
  'maillog/postfix/cleanup.ts /(?:>| proto=[^ ]{1,20}|;): 4\\.\\d{1,3}\\.\\d{1,3} /': {
    feed: cleanupFact,
    prefixes: [`${BODY}: 4. from local; proto=`, `${BODY}: 4. from local;: 4.`],
  },
  'maillog/postfix/cleanup.ts /(?:>| proto=[^ ]{1,20}|;): (?!4\\.\\d{1,3}\\.\\d{1,3} )/': {
    feed: cleanupFact,
    prefixes: [`${BODY}x from local; proto=SMTP: 4.7.1 >`, `${BODY}x from local; proto=SMTP: 4.7.1 proto=`],
  },
  'maillog/postfix/cleanup.ts /^ proto=\\S+(?: helo=<[^<>]*>)?: /': {
    feed: cleanupFact,
    prefixes: [BODY, `${BODY}x proto=`, `${BODY}x proto=SMTP helo=<`],
  },
  'maillog/postfix/cleanup.ts /^[45]\\.\\d{1,3}\\.\\d{1,3} /': {
    feed: cleanupFact,
    prefixes: [`${BODY}x proto=SMTP: `, `${BODY}x proto=SMTP: 5.`],
  },
  'maillog/postfix/detail.ts /: SASL (\\S{1,100}) authentication failed/': {
    feed: (text) => authFailureDetail(record(text)),
    prefixes: ['', SASL],
  },
  'maillog/postfix/detail.ts /[\\x80-\\xff]/': { feed: (text) => clipped(text, text.length) },
  'maillog/postfix/detail.ts / from (?:\\S{0,255}\\[|\\[)/': {
    feed: endingDetail,
    prefixes: ['', ' from '],
  },
  'maillog/postfix/own-texts.ts /;(?: (?:from|to)=<|$)/y': { feed: ownTexts },
  'maillog/postfix/own-texts.ts /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/y': { feed: ownTexts },
  'maillog/postfix/own-texts.ts /\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC/y': { feed: ownTexts },
  'maillog/postfix/own-texts.ts /(\\{(?:ip|rule|until)\\})/': { feed: ownTexts },
  'maillog/postfix/postscreen.ts /(?:\\d{1,10} )?after [\\d.]{1,16} from /y': {
    feed: postscreenFact,
    prefixes: ['PREGREET ', 'PREGREET 1 after ', 'HANGUP after '],
  },
  'maillog/reader.ts /^warning: service "([^"]{1,64})" \\([^)]{1,128}\\) has reached its process limit /': {
    feed: (text) => told(text, 'master'),
    prefixes: ['', 'warning: service "', 'warning: service "smtp" ('],
  },
  'maillog/lost-lines.ts /^Suppressed (\\d{1,10}) messages from (\\S{1,255})$/': {
    feed: (text) => told(text, 'systemd-journald'),
    prefixes: ['', 'Suppressed ', 'Suppressed 1 messages from '],
  },
  'maillog/lost-lines.ts /^(im[a-z0-9]{1,20})(?:\\([^)]{0,200}\\))?(?:\\[pid: \\d{1,10}(?:, name: ([^\\]]{1,255}))?\\])?(?: from <[^>]{0,255}>)?: (?:(\\d{1,10}) messages lost|begin to drop messages) due to rate-limiting(?: \\(|$)/':
    {
      feed: (text) => told(text, 'rsyslogd'),
      prefixes: [
        '',
        'im',
        'imtcp(',
        'imuxsock[pid: ',
        'imuxsock[pid: 1, name: ',
        'imjournal from <',
        'imjournal: ',
      ],
    },
  'maillog/lost-lines.ts /^(imuxsock)() (?:lost (\\d{1,10})|begins? to drop) messages from pid \\d{1,10} due to rate-limiting$/':
    {
      feed: (text) => told(text, 'rsyslogd'),
      prefixes: ['', 'imuxsock lost ', 'imuxsock lost 1 messages from pid '],
    },
  'maillog/syslog/process.ts /^rsyslogd(?:-\\d{1,5})?$/': { feed: tagged, prefixes: ['', 'rsyslogd-'] },
  'maillog/syslog/process.ts /^\\d{1,10}$/': { feed: tagged, prefixes: ['', 'postfix/smtpd['] },
  'maillog/syslog/process.ts /^(?:postfix[^\\s[\\]]*|[^\\s:/[\\]]+\\/(?:\\[[0-9A-Fa-f.:]+\\]|[^\\s:/[\\]]+):(?:\\d+|s?smtps?|submissions?)\\/[a-z]+)$/':
    { feed: tagged, prefixes: ['', 'postfix:', 'x/', 'x/[::', 'x/y:', 'x/y:1/'] },
  'maillog/syslog/process.ts /^[^[\\]]*(?:\\[[^[\\]]*\\][^[\\]]*)*$/': {
    feed: tagged,
    prefixes: ['', '[', '[]'],
  },
  'maillog/syslog/process.ts /\\s/': { feed: tagged },
  'maillog/syslog/container.ts /^(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,127} {1,64}\\| ?|\\[pod\\/[a-z0-9.-]{1,253}\\/[a-z0-9.-]{1,63}\\] )/':
    { feed: contained, prefixes: ['', 'x ', '[pod/', '[pod/x/'] },
  'maillog/syslog/container.ts /^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:Z|[+-]\\d\\d:\\d\\d)) (stdout|stderr) ([FP])(?::[\\w:]{1,64})?(?: |$)/':
    {
      feed: contained,
      prefixes: [
        '',
        '2026-11-23T10:00:00.',
        '2026-11-23T10:00:00Z stdout F',
        '2026-11-23T10:00:00Z stdout F:',
      ],
    },
  'maillog/syslog/container.ts /\\r?\\n?$/': { feed: (text) => endedText(text, true) },
  'maillog/syslog/header-words.ts /^<\\d{1,3}(?:\\.\\d{1,2})?>$/': { feed: hostsOf, prefixes: ['', '<1'] },
  'maillog/syslog/header-words.ts /^<?(?:([a-z]{3,8}[0-7]?)[.:])?([a-z]{3,9})(>|:)?$/i': {
    feed: hostsOf,
    prefixes: ['', '<', 'mail.'],
  },
  'maillog/syslog/header-words.ts /^(?:[0-9_.-]{0,63}[A-Za-z][A-Za-z0-9_@/.-]{0,254}|\\d{8,63})$/': {
    feed: hostsOf,
  },
  'maillog/syslog/header-words.ts /^std(?:out|err)$/': { feed: hostsOf, prefixes: ['', 'std'] },
  'maillog/syslog/header-words.ts / +/': { feed: hostsOf, prefixes: ['', ' '] },
  'maillog/syslog/header.ts /^<(?:\\d{1,3}|[a-z]{3,8}[0-7]?\\.[a-z]{3,9})>(?:(1) )? {0,4}/': {
    feed: parse,
    prefixes: ['', '<', '<1', '<mail.', '<22>', '<22>1 '],
  },
  'maillog/syslog/repetition.ts /^\\[ID \\d{1,10} [a-z0-9]{1,16}\\.[a-z]{1,16}\\] /': {
    feed: unwrapped,
    prefixes: ['', '[ID ', '[ID 1 ', '[ID 1 mail.'],
  },
  'maillog/syslog/repetition.ts /^message repeated (\\d{1,9}) times: \\[ ?/': {
    feed: (text) => unwrapped(`${text}]`),
    prefixes: ['', 'message repeated ', 'message repeated 1 times: ['],
  },
  'maillog/syslog/rfc5424.ts /^([!-~]{1,255}) ([!-~]{1,128}) (\\d{1,10}) ([!-~]{1,32}) /': {
    feed: parse,
    prefixes: [
      '',
      '<22>1 2026-11-23T10:00:00Z ',
      '<22>1 2026-11-23T10:00:00Z mx ',
      '<22>1 2026-11-23T10:00:00Z mx smtpd 1 - [',
    ],
  },
  'maillog/postfix/rejected-recipient.ts /^(?:Access denied|undeliverable address|unverified address|need fully-qualified address|Domain |Malformed DNS server reply|Improper use of SMTP command pipelining|Multi-recipient bounce|Try again later|Server configuration )/':
    { feed: refusedRecipient, prefixes: [RECIPIENT] },
  'maillog/postfix/rejected-recipient.ts /^undeliverable address: host [^ ]{1,300} said: (?:552[ -]|5\\d\\d[ -]5\\.2\\.2 )/':
    { feed: refusedRecipient, prefixes: [`${RECIPIENT}undeliverable address: host `] },
  'maillog/postfix/rejected-recipient.ts /\\b(?:over ?quota|quota|mailbox (?:is )?full)\\b/i': {
    feed: refusedRecipient,
    prefixes: [RECIPIENT, `${RECIPIENT}quota; from=<`],
  },
  'maillog/postfix/rejected-recipient.ts /^\\d{3} (?:5\\.7\\.|<)/': {
    feed: refusedRecipient,
    prefixes: [RECIPIENT],
  },
  'maillog/postfix/rejected-recipient.ts /; (?:from=<|to=<|proto=)/': {
    feed: refusedRecipient,
    prefixes: [RECIPIENT],
  },
  'maillog/postfix/rejection-event.ts /^(?:\\d{3} )?5\\.2\\.2 /': {
    feed: (text) => told(`NOQUEUE: reject: DATA from ${CLIENT}: 5${text}`),
  },
  'maillog/postfix/reply.ts / proto=[A-Z]{4,8},?(?: helo=<([^<>]*)>)?$/': {
    feed: envelopeEnd,
    prefixes: ['', ' proto=SMTP helo=<'],
  },
  'maillog/postfix/reply.ts / proto=[A-Z]{4,8}(?: helo=<([^<>]*)>)? sasl_method=[^ ]{1,100}(?: sasl_username=(.*?))?(?: sasl_sender=[^ ]*)?$/':
    {
      feed: envelopeEnd,
      prefixes: [
        ' proto=SMTP sasl_method=',
        ' proto=SMTP sasl_method=x sasl_username=',
        ' proto=SMTP helo=<x> sasl_method=x sasl_username=x sasl_sender=',
      ],
    },
  'maillog/postfix/reply.ts /[<>]/': { feed: protoAt, prefixes: ['', ' proto=', ' helo=<'] },
  'maillog/postfix/reply.ts / \\d\\.\\d{1,3}\\.\\d{1,3} /y': {
    feed: textAt,
    prefixes: ['', '550', '550 5.'],
  },
  'maillog/postfix/reply.ts /(?:((?:Unverified )?Client host|Helo command|Sender address|Recipient address|Client certificate|SASL login name|Data command|End-of-data|Etrn command) rejected: |Relay access denied)/y':
    { feed: manyNames, prefixes: ['>: ', '>: Relay access denied'] },
  'maillog/postfix/reply.ts /["\\\\]/g': {
    feed: manyNames,
    prefixes: ['>: Relay access denied', '>: Relay access denied"'],
  },
  "maillog/postfix/sasl.ts /^ ?(?:connection lost to authentication server|can(?:'|no)t connect to|authentication backend error|temporary |internal |generic failure|no memory available|transient failure|remote authentication server unavailable|no mechanism available|sasl library is not initialized|version mismatch with plug-in)/i":
    { feed: smtpdFact, prefixes: [`${SASL}LOGIN authentication failed:`] },
  'maillog/postfix/sasl.ts /^[A-Za-z0-9_-]{1,32}$/': {
    feed: (text) => smtpdFact(`${SASL}${text} authentication failed: generic failure`),
  },
  'maillog/postfix/sasl.ts /^ sent (?:non-SMTP command|[^ ]{1,40} header instead of SMTP command): /': {
    feed: smtpdFact,
    prefixes: [`warning: ${CLIENT}`, `warning: ${CLIENT} sent `],
  },
  'maillog/session.ts / (?:data|bdat)=[1-9]/': {
    feed: (text) => endedBy({ address: '', ended: 'idle' }, text),
  },
  'maillog/session.ts /^ [a-z]{1,24}=\\d{1,9}\\//': {
    feed: (text) => endedBy({ address: '', ended: 'noticed', class: 'protocol', command: 'EHLO' }, text),
    prefixes: ['', ' ehlo='],
  },
  'maillog/postfix/smtpd.ts /^(?:, orig_queue_id=[0-9A-Za-z]{1,32})?, orig_client=/': {
    feed: smtpdFact,
    prefixes: [`ABCDE12345: client=${CLIENT}`, `ABCDE12345: client=${CLIENT}, orig_queue_id=`],
  },
  'maillog/sources/source.ts /^\\d{1,20}$/': {
    feed: (modified) =>
      isPosition({ type: 'file', path: '', mark: '', inode: 1, offset: 1, after: { inode: 1, modified } }),
  },
  'maillog/stress.ts /[/-]?(?:smtpd|master)$/': {
    feed: (text) => {
      const process = `${text}master[1`;
      const message = 'warning: service "smtp" (25) has reached its process limit "1": x';
      new LogReader().read({ at: 0, program: 'master', process, message }, () => undefined);
    },
  },
  'maillog/postfix/tls.ts /^(?:-1|0)$/': { feed: smtpdFact, prefixes: [`SSL_accept error from ${CLIENT}: `] },
  'maillog/postfix/tls.ts /^(?:Connection|Operation) timed out$/': {
    feed: smtpdFact,
    prefixes: [`SSL_accept error from ${CLIENT}: `],
  },
  'maillog/postfix/tls.ts /^error:[0-9A-F]{1,16}:[^:]{0,60}:[^:]{0,60}:unexpected eof while reading:/': {
    feed: smtpdFact,
    prefixes: ['warning: TLS library problem: ', 'warning: TLS library problem: error:0A:x:'],
  },
  'maillog/postfix/tls.ts /:SSL alert number \\d{1,3}:$/': {
    feed: smtpdFact,
    prefixes: ['warning: TLS library problem: ', 'warning: TLS library problem: :SSL alert number '],
  },
  'maillog/syslog/stamp.ts /([A-Z][a-z]{2}) ([ \\d]?\\d) (\\d\\d):(\\d\\d):(\\d\\d) /y': {
    feed: stamp,
    prefixes: ['', 'Nov '],
  },
  'maillog/syslog/rfc3339-stamp.ts /^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d$/': {
    feed: stamp,
    prefixes: ['', '2026-11-23T10:00:00.'],
  },
  'maillog/syslog/stamp-forms.ts /(?:(\\d{4}) |[A-Z][a-z]{2} )?([A-Z][a-z]{2}) ([ \\d]?\\d) (?:(\\d{4}) )?(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?(?: (\\d{4}))? /y':
    { feed: stamp, prefixes: ['', '2026 ', 'Mon ', 'Nov 23 ', 'Nov 23 2026 ', 'Nov 23 10:20:30.'] },
  'maillog/syslog/stamp-forms.ts /(\\d{4})([-/.])(\\d\\d)\\2(\\d\\d)[T _](\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?(?: ?(Z|[+-]\\d\\d(?::?\\d\\d)?))? /y':
    { feed: stamp, prefixes: ['', '2026-', '2026-11-23 ', '2026-11-23 10:20:30.', '2026-11-23 10:20:30 +'] },
  'maillog/syslog/stamp-forms.ts /[A-Z][a-z]{2} (\\d{4})-(\\d\\d)-(\\d\\d) (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,9}))? ([A-Z]{1,5}|[+-]\\d\\d(?:\\d\\d)?) /y':
    { feed: stamp, prefixes: ['', 'Mon ', 'Mon 2026-11-23 10:20:30.', 'Mon 2026-11-23 10:20:30 '] },
  'maillog/syslog/stamp-forms.ts /(\\d{9,10})\\.(\\d{3,9}) /y': {
    feed: stamp,
    prefixes: ['', '1795429230.'],
  },
  'maillog/syslog/stamp-forms.ts /^([+-])(\\d\\d):?(\\d\\d)?$/': {
    feed: stamp,
    prefixes: ['Mon 2026-11-23 10:20:30 ', '2026-11-23 10:20:30 '],
  },
  'maillog/syslog/stamp-forms.ts /(?:\\d ?Z|:\\d\\d(?:[.,]\\d{1,9})? ?[+-]\\d\\d(?::?\\d\\d)?| UTC| GMT|^\\d{9,10}\\.\\d{3,9}) $/':
    { feed: hasZone },
  'maillog/syslog/zone.ts /^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\\/[A-Za-z0-9_+-]{1,31}){0,2}$/': {
    feed: isZoneName,
    prefixes: ['', 'Europe/'],
  },
  'policy/verdict.ts /\\{(?:ip|rule|until)\\}/g': {
    feed: (message) => messageText({ rule: { ...AUTH, message }, block: BLOCK }, '192.0.2.1'),
  },
  'maillog/postfix/refusal-signs.ts /^(?:reject_warning|warn|hold|discard|redirect|filter|prepend|replace|info|bcc): /':
    {
      feed: blindSpot,
    },
  'replay/report/blind-spots.ts /; from=<.*/': { feed: 'itself' },
  'replay/report/blind-spots.ts /<[^<>]*>/g': { feed: unreadable },
  'replay/report/blind-spots.ts /(?<![^\\s[\\]])[^\\s[\\]]*\\[[0-9a-fA-F.:]{2,64}\\](?::\\d{1,5})?/g': {
    feed: 'itself',
  },
  'replay/report/blind-spots.ts /\\d{4,}|(?<![\\d.])\\d{1,3}(?![\\d.])(?! \\d\\.\\d\\.\\d)/g': {
    feed: 'itself',
  },
  'replay/report/cost.ts /\\d+/g': { feed: 'itself' },
  'replay/input/export-format.ts /^[A-Z0-9_]{1,64}$/': { feed: 'itself' },
  'replay/input/export-format.ts /^__REALTIME_TIMESTAMP=(\\d{1,20})$/m': { feed: firstTimeOfExport },
  'replay/input/format.ts /^\\n*[A-Z0-9_]{1,64}=/': { feed: formatOf, prefixes: ['', '\n'] },
  'replay/input/json-format.ts /"__REALTIME_TIMESTAMP"\\s*:\\s*"?(\\d{1,20})\\b/': {
    feed: firstTimeOfJson,
    prefixes: ['', '"__REALTIME_TIMESTAMP"', '"__REALTIME_TIMESTAMP":'],
  },
  'replay/report/mails.ts /, nrcpt=(\\d{1,9}) /': {
    feed: (text) => mailWith('', text),
    prefixes: ['', ', nrcpt='],
  },
  'replay/report/mails.ts /, status=([a-z]{1,16})/': { feed: deliveryOf, prefixes: ['', 'x>, status='] },
  'replay/report/mails.ts />, status=(?:force-)?expired, returned to sender$/': {
    feed: deliveryOf,
    prefixes: ['', '>, status=', '>, status=force-'],
  },
  'html/breaks.ts /(?<=[.@:/_=+,;-])(?=[^.@:/_=+,;\\s-])/': { feed: breakable },
  'html/html.ts /[&<>"\']/g': { feed: (text) => html`<p>${text}</p>` },
  'replay/plan.ts /^rules\\.(.+)\\.(limit|within|block-for|share)$/': {
    feed: 'itself',
    prefixes: ['', 'rules.', 'rules.x.'],
  },
  'replay/plan.ts /^(\\d{4})-(\\d\\d)-(\\d\\d)(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?(?:Z|[+-]\\d\\d:\\d\\d)?)?$/':
    { feed: 'itself', prefixes: ['', '2026-11-23T10:00:00.'] },
  'replay/trial/lost-mail.ts /^(?:127\\.|::1$)/': { feed: 'itself' },
  'maillog/syslog/utf8.ts /[\\x80-\\uffff]/': { feed: textOfUtf8 },
  'cli/text/evidence-text.ts /^(\\d{3} (?:\\d\\.\\d{1,3}\\.\\d{1,3} )?)<[^>]*>: (?:(?:Recipient|Sender) address rejected: )?/':
    { feed: 'itself', prefixes: ['', '550 5.1.1 <'] },
  'cli/text/evidence-text.ts /\\[\\d{1,10}\\]: /': { feed: 'itself', prefixes: ['', '['] },
  'terminal/text.ts /^.*[@.,;:=/>)\\]_-]/': { feed: 'itself' },
  'terminal/text.ts /\\p{Cn}|[^ -~\\u00a1-\\u00ac\\u00ae-\\u02ff\\u0370-\\u0482\\u048a-\\u052f\\u1e00-\\u1eff\\u2026]/gu':
    { feed: visible },
};

/** Patterns that never see a text of others. */
const OWN: Readonly<Record<string, string>> = {
  'check/maillog-problems.ts /[*?[]/': 'the path of a log in policy.yml',
  'check/postfix-problems.ts /^(?:127(?:\\.\\d+){3}|localhost|\\[?::1\\]?)$/i':
    'what the administrator of this host wrote into main.cf or master.cf',
  'check/request-problems.ts /^(?:dunno|info|warn|prepend)(?:\\s|$)/i':
    'what the administrator of this host wrote into main.cf or master.cf',
  'check/request-problems.ts /^(?:ok|relay|permit|\\d+)(?:\\s|$)/i':
    'what the administrator of this host wrote into main.cf or master.cf',
  'check/request-problems.ts /^[45]\\d\\d\\s/':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/endpoint.ts /^\\[(?:ipv6:)?([^\\]]*)\\]:(\\w+)$/i':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/endpoint.ts /^(?:127\\.|::1$)/':
    'the address of a listener in policy.yml, or of a request in main.cf',
  'wiring/lists.ts /^check_helo_/': 'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/lists.ts /^(?:permit_sasl_|check_sasl_|check_sender_)/':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/lists.ts /^(?:permit_auth_destination|permit_mx_backup|check_recipient_)/':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/master.ts /\\s+/': 'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/policy-call.ts /^\\s*([^=\\s]*)\\s*=(.*)$/s':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/policy-call.ts /^(\\d+)([smhdw]?)$/':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/restrictions.ts /^(?:check_[a-z_]+_access|check_policy_service|reject_rbl(?:_client)?|reject_rhsbl_[a-z_]+|permit_(?:dnswl|rhswl)_client|sleep)$/':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/restrictions.ts /^check_(?:reverse_client_hostname|[a-z_]+_(?:ns|mx|a))_access$/':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/restrictions.ts /^(?:permit_[a-z_]+|check_[a-z_]+_access)$/':
    'what the administrator of this host wrote into main.cf or master.cf',
  'wiring/restrictions.ts /[\\s,]/': 'what the administrator of this host wrote into main.cf or master.cf',
  'state/audit-lines.ts /\\.(?:xz|bz2|zst|lz4)$/': 'the name of a file, 255 bytes at most',
  'state/audit-lines.ts /\\.gz$/': 'the name of a file, 255 bytes at most',
  'state/snapshot/head-tail.ts /^[0-9a-f]{8}$/': 'eight characters, anchored at both ends',
  'explain/input-lines.ts /^<[^>]{1,32}>(?:1 )? {0,4}/': 'no more than 40 characters are looked at',
  'maillog/sources/rotation.ts /\\.(?:gz|xz|bz2|zst|lz4|Z)$/': 'the name of a file, 255 bytes at most',
  'replay/input/decompressor.ts /^(?:xz: \\(stdin\\)|(?:zstd: )?\\/\\*stdin\\*\\\\) ?: /':
    'what a program complains of, 500 characters at most',
  'maillog/sources/rotation.ts /^[.-]/': 'the name of a file, 255 bytes at most',
  'terminal/number-text.ts /\\B(?=(?:\\d{3})+$)/g': 'a number, 16 digits at most',
  'terminal/zone.ts /^GMT[+-]/': 'the name of a time zone, as Intl gives it, anchored',
  'cli/confirmation.ts /^y(?:es)?$/i': 'what the person who runs the command answers, anchored at both ends',
  "cli/arguments.ts /^[^']*'([^']*)/": 'what Node says of an option of the command line, in one pass',
  'cli/arguments.ts /^\\d{1,9}$/': 'an option of the command line, anchored at both ends',
  'cli/arguments.ts /--([a-z-]+)/': 'an option of the command line, one class after a literal',
  'cli/reference/default-policy.ts /^\\/usr\\/(?:local\\/)?src\\//': 'the path of the program, anchored',
  'cli/manual/completion.ts /[[\\]:\\\\]/g': 'texts of the table of commands',
  'cli/manual/help.ts /\\[[^\\]]*\\](?:\\.{3})?|--[a-z]+ [A-Z]+|\\S+/g': 'texts of the table of commands',
  'cli/manual/man-page.ts /[\\\\\\-\'"`^~]/g': 'texts of the table of commands',
  'cli/manual/man-page.ts /^\\./': 'texts of the table of commands',
  'cli/manual/man-page.ts /(?<![\\w-])(?:\\\\-){2}[a-z]+/g': 'texts of the table of commands',
  'cli/manual/man-page.ts /--[a-z]+(?: [A-Z]+)?|[a-z]+(?:\\|[a-z]+)+|[A-Z]+/g':
    'texts of the table of commands',
  'cli/manual/man-page.ts /^[A-Z]/': 'texts of the table of commands',
};

const BLOCK = { rule: 'auth', since: 0, until: 0, count: 3, refused: 0, firstRefused: 0, lastRefused: 0 };

const SIGNS = [
  'a',
  'A',
  '0',
  ' ',
  '\t',
  '.',
  '-',
  '_',
  ',',
  ':',
  '<',
  '>',
  '[',
  ']',
  '{',
  '}',
  '"',
  '\\',
  '=',
  '/',
  '\u0378',
  '\u0300',
  'a.',
  '5.',
  '1s',
  'a ',
  '- ',
  '> ',
];

/** What may lead a pattern astray: the words and signs that it is made of, and all signs there are in logs. */
function pumpsOf(pattern: string): string[] {
  const words = pattern.match(/[A-Za-z0-9 ,;:=<>.@-]{2,}/g) ?? [];
  return [...new Set([...words.map((word) => word.slice(0, 40)), ...SIGNS])];
}

function itself(pattern: string): Feed {
  const [, source = '', flags = ''] = /^\S+ \/(.*)\/(\w*)$/.exec(pattern) ?? [];
  const regex = new RegExp(source, flags);
  return (text) => text.replace(regex, '');
}

function inputsOf(pattern: string, { prefixes = [''] }: Use): Input[] {
  return prefixes.flatMap((prefix) => pumpsOf(pattern).map((pump) => ({ prefix, pump, suffix: '\0' })));
}

describe('patterns: regular expressions', () => {
  it('are all known here, with the function that uses each: a new one is to be tried like the others', () => {
    const found = productPatterns().map(({ file, text }) => `${file} ${text}`);
    expect([...new Set(found)].sort()).to.deep.equal([...Object.keys(USES), ...Object.keys(OWN)].sort());
  });

  it('are written as such: none is put together from text', () => {
    const built = /\bRegExp\(|\.(?:match|matchAll|search)\(\s*['"`]/;
    for (const [file, source] of sources()) expect(source, file).not.to.match(built);
  });

  for (const [pattern, use] of Object.entries(USES)) {
    it(`take no more than linear time: ${pattern}`, () => {
      const feed = use.feed === 'itself' ? itself(pattern) : use.feed;
      expect(superlinear(feed, inputsOf(pattern, use))).to.deep.equal([]);
    });
  }
});
