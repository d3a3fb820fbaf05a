// Every form of a header that syslog daemons, relays and journalctl write, each around the same process of Postfix's.

/** The moment of every header, where the log is in UTC. */
export const AT = Date.UTC(2026, 10, 23, 10, 20, 30);

export interface HeaderForm {
  /** who writes it */
  readonly what: string;
  /** everything in front of the tag, or of RFC 5424's application name */
  readonly before: string;
  /** host names as they stand in front of the process; none for logs without */
  readonly host: string;
  /** `[ID …] ` after the tag */
  readonly behind?: string;
  readonly isRfc5424?: true;
}

const STAMPS: readonly (readonly [what: string, stamp: string])[] = [
  ['RFC 3164', 'Nov 23 10:20:30'],
  ['RFC 3164 with a fraction', 'Nov 23 10:20:30.000123'],
  ["syslog-ng's $FULLDATE", '2026 Nov 23 10:20:30'],
  ['a year behind the day', 'Nov 23 2026 10:20:30'],
  ['asctime(3)', 'Mon Nov 23 10:20:30 2026'],
  ['RFC 3339', '2026-11-23T10:20:30.000+00:00'],
  ['RFC 3339 in UTC', '2026-11-23T10:20:30Z'],
  ['short-iso', '2026-11-23T10:20:30+0000'],
  ['ISO without a zone', '2026-11-23T10:20:30.000'],
  ['ISO with blanks', '2026-11-23 11:20:30,000 +0100'],
  ['short-full', 'Mon 2026-11-23 10:20:30 UTC'],
  ['short-unix', '1795429230.000123'],
];

const HOSTS: readonly (readonly [what: string, words: string, host: string])[] = [
  ['a host', 'mx', 'mx'],
  ['a long host', 'mx-1.example.com', 'mx-1.example.com'],
  ['the ID of a container', '123456789012', '123456789012'],
  ['no host', '', ''],
  ['an address in brackets', '[198.51.100.2]', '[198.51.100.2]'],
  ['an IPv4 address', '198.51.100.2', '198.51.100.2'],
  ['an IPv6 address', '2001:db8::25', '2001:db8::25'],
  ['an IPv6 address in brackets', '[2001:db8::25]', '[2001:db8::25]'],
  ['a relay that looked for no host', 'relay.example.com mx', 'relay.example.com mx'],
  ["syslog-ng's chain of hosts", 'src@mx/relay', 'src@mx/relay'],
  ['a level, no host', 'INFO   ', ''],
  ['a host and a level', 'mx WARNING', 'mx'],
  ['busybox', 'mx mail.info', 'mx'],
  ['busybox -S with a level', 'mail.info', ''],
  ['AIX', 'mx mail:info', 'mx'],
  ['FreeBSD -v', '<2.6> mx', 'mx'],
  ['FreeBSD -vv', '<mail.info> mx', 'mx'],
];

function usual(): HeaderForm[] {
  return STAMPS.flatMap(([stampName, stamp]) =>
    HOSTS.map(([hostName, words, host]) => ({
      what: `${stampName}, ${hostName}`,
      before: words === '' ? `${stamp} ` : `${stamp} ${words} `,
      host,
    })),
  );
}

export const FORMS: readonly HeaderForm[] = [
  ...usual(),
  { what: 'a raw priority', before: '<22>Nov 23 10:20:30 mx ', host: 'mx' },
  { what: 'a raw priority, RFC 3339', before: '<22>2026-11-23T10:20:30+00:00 mx ', host: 'mx' },
  { what: 'a priority by name in front', before: '<mail.info> Nov 23 10:20:30 mx ', host: 'mx' },
  { what: 'Solaris', before: 'Nov 23 10:20:30 mx ', host: 'mx', behind: '[ID 197553 mail.info] ' },
  { what: 'a relay', before: 'Nov 23 10:20:35 relay Nov 23 10:20:30 mx ', host: 'mx' },
  {
    what: 'a relay that stamps in its own way',
    before: '2026-11-23T10:20:30+00:00 relay Nov 23 23:59:59 mx ',
    host: 'mx',
  },
  {
    what: 'a relay in front of RFC 3339',
    before: 'Nov 23 23:59:59 relay 2026-11-23T10:20:30+00:00 mx ',
    host: 'mx',
  },
  { what: 'two relays', before: 'Nov 23 10:20:36 b Nov 23 10:20:35 a Nov 23 10:20:30 mx ', host: 'mx' },
  { what: 'a relay and a raw priority', before: 'Nov 23 10:20:35 relay <22>Nov 23 10:20:30 mx ', host: 'mx' },
  { what: 'socklog', before: '2026-11-23_10:20:30.00012 mail.info: Nov 23 10:20:30 ', host: '' },
  { what: 'docker logs -t', before: '2026-11-23T10:20:30.123456789Z Nov 23 10:20:30 mx ', host: 'mx' },
  { what: 'RFC 5424', before: '<22>1 2026-11-23T10:20:30.000123Z mx ', host: 'mx', isRfc5424: true },
  { what: 'RFC 5424 without a host', before: '<22>1 2026-11-23T10:20:30Z - ', host: '', isRfc5424: true },
  { what: 'RFC 5424 in a file of sysklogd', before: '2026-11-23T10:20:30Z mx ', host: 'mx', isRfc5424: true },
];

/** Structured data of RFC 5424, each with what may stand in it. */
export const STRUCTURED_DATA = [
  '-',
  '[timeQuality tzKnown="1" isSynced="0"]',
  '[a@1 b="[brackets]"][c@2 d="\\"quoted\\" \\] and \\\\"]',
  '[x]',
];

/** A line of this form. @param data structured data, where the form has it */
export function lineOf(
  form: HeaderForm,
  message: string,
  tag = 'postfix/smtpd',
  pid = 4711,
  data = '-',
): string {
  const { before, behind = '', isRfc5424 } = form;
  return isRfc5424
    ? `${before}${tag} ${pid} - ${data} ${message}`
    : `${before}${tag}[${pid}]: ${behind}${message}`;
}
