// Lines of the mail log that are lost because there were too many: what journald and rsyslogd say of that themselves.

import type { LogRecord } from './syslog/record.ts';

/** journald-server.c, server_dispatch_message; the unit, or up to systemd 230 the path of its control group */
const SUPPRESSED = /^Suppressed (\d{1,10}) messages from (\S{1,255})$/;
/**
 * rsyslog's ratelimit.c, tellLostCnt, and where it begins to lose; imuxsock.c gives each process a limit and names it
 * by what it was started as. The second form is imuxsock's up to rsyslog 7.2.
 */
const RSYSLOG = [
  /^(im[a-z0-9]{1,20})(?:\([^)]{0,200}\))?(?:\[pid: \d{1,10}(?:, name: ([^\]]{1,255}))?\])?(?: from <[^>]{0,255}>)?: (?:(\d{1,10}) messages lost|begin to drop messages) due to rate-limiting(?: \(|$)/,
  /^(imuxsock)() (?:lost (\d{1,10})|begins? to drop) messages from pid \d{1,10} due to rate-limiting$/,
] as const;
/** Those that log much. */
const POSTFIX_PROGRAMS = [
  'master',
  'smtpd',
  'postscreen',
  'cleanup',
  'qmgr',
  'smtp',
  'lmtp',
  'local',
  'virtual',
  'pipe',
  'error',
  'bounce',
  'anvil',
  'tlsproxy',
  'dnsblog',
  'trivial-rewrite',
  'proxymap',
  'pickup',
  'postlogd',
];

export type Loser = 'journald' | 'imjournal' | 'rsyslogd';

interface Loss {
  readonly by: Loser;
  /** 0 where it only says that it begins to lose lines */
  readonly lines: number;
}

/** What was lost since the start. */
export class LostLines {
  #lines = 0;
  #reports = 0;
  #by: Loser = 'journald';

  get lines(): number {
    return this.#lines;
  }

  /** How often journald or rsyslogd reported lost lines. */
  get reports(): number {
    return this.#reports;
  }

  /** Who said so last. */
  get by(): Loser {
    return this.#by;
  }

  /** @param record of journald or rsyslogd themselves: nobody's text stands in theirs */
  take(record: LogRecord): void {
    const loss = lossOf(record);
    if (loss === undefined) return;
    const times = record.repeat ?? 1;
    this.#lines += loss.lines * times;
    this.#reports += times;
    this.#by = loss.by;
  }
}

/** undefined where the lines are not Postfix's. */
function lossOf({ program, message }: LogRecord): Loss | undefined {
  if (program === 'systemd-journald') {
    const [, lines, unit = ''] = SUPPRESSED.exec(message) ?? [];
    return lastOf(unit).startsWith('postfix') ? { by: 'journald', lines: Number(lines) } : undefined;
  }
  for (const form of RSYSLOG) {
    const [, input, name, lines = 0] = form.exec(message) ?? [];
    if (input === undefined || (name && !isPostfix(name))) continue;
    return { by: input === 'imjournal' ? 'imjournal' : 'rsyslogd', lines: Number(lines) };
  }
  return undefined;
}

/** @param program as it was started: master(8) starts those of Postfix under their names alone */
function isPostfix(program: string): boolean {
  const name = lastOf(program);
  return POSTFIX_PROGRAMS.includes(name) && (name === program || program.includes('/postfix/'));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
