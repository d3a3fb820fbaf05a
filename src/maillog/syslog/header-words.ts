// The words between the stamp and the tag of a log line: host names, and the levels that some syslog daemons add.

import { parseIPv4, parseIPv6 } from '../../values/address.ts';

/** syslog.conf(5) */
const LEVELS = new Set(
  'emerg emergency panic alert crit critical err error warning warn notice info debug'.split(' '),
);
const FACILITIES = new Set(
  'kern user mail daemon auth authpriv security syslog lpr news uucp cron ftp ntp audit console'.split(' '),
);
for (let number = 0; number < 8; number++) FACILITIES.add(`local${number}`);

/** A raw priority (RFC 3164 4.1.1), and FreeBSD's `syslogd -v`: `<22>`, `<2.6>` */
const NUMBERS = /^<\d{1,3}(?:\.\d{1,2})?>$/;
/**
 * `mail.info` of busybox and OpenWrt, `mail.info:` of socklog, `mail:info` of AIX, `<mail.info>` of FreeBSD's
 * `syslogd -vv`, and `INFO` of templates with rsyslog's syslogseverity-text.
 */
const NAMES = /^<?(?:([a-z]{3,8}[0-7]?)[.:])?([a-z]{3,9})(>|:)?$/i;

/** Whether a word is a level, as it may stand between stamp and tag. */
export function isLevel(word: string): boolean {
  if (NUMBERS.test(word)) return true;
  const [, facility, level = '', end] = NAMES.exec(word) ?? [];
  if (!LEVELS.has(level.toLowerCase())) return false;
  if (facility !== undefined) return FACILITIES.has(facility.toLowerCase());
  // `error:` is the tag of a program, or the beginning of a message that has none.
  return end === undefined;
}

/**
 * Names of RFC 1123, also the ID of a container that has no letter in it, and syslog-ng's chain of relays,
 * `source@host/relay`. No other number: a stamp may begin with it.
 */
const NAME = /^(?:[0-9_.-]{0,63}[A-Za-z][A-Za-z0-9_@/.-]{0,254}|\d{8,63})$/;
/** RFC 5424 6 */
const MAX_HOST = 255;
/** What a container runtime writes there: what follows may be the middle of a line. */
const STREAM = /^std(?:out|err)$/;

function isHost(word: string): boolean {
  if (NAME.test(word)) return word.length <= MAX_HOST && !STREAM.test(word);
  // A host without a name; some daemons put its address into brackets.
  const address = word.startsWith('[') && word.endsWith(']') ? word.slice(1, -1) : word;
  // A word that ends in a colon is a tag.
  return parseIPv4(address) >= 0 || (!address.endsWith(':') && parseIPv6(address) !== undefined);
}

/** Whether a word may stand between stamp and tag. */
export function isHeaderWord(word: string): boolean {
  return isLevel(word) || isHost(word);
}

/** Two hosts: a relay that did not look for one in what it was sent puts its own in front (RFC 3164 4.3). */
const MAX_HOSTS = 2;
const MAX_WORDS = 4;

/**
 * The host names among the words of a header.
 *
 * @param header the text between stamp and tag, with the blank after it
 * @returns undefined where it is none; empty for logs without host names
 */
export function hostsOf(header: string): string | undefined {
  const words = header.split(/ +/, MAX_WORDS + 2).filter((word) => word !== '');
  const hosts = words.filter((word) => !isLevel(word));
  const isHeader = words.length <= MAX_WORDS && hosts.length <= MAX_HOSTS && hosts.every(isHost);
  return isHeader ? hosts.join(' ') : undefined;
}
