// Lines of the mail log lost to rate limits, as journald and rsyslogd report them.

import type { LogRecord } from './syslog/record.ts';

/** journald-server.c, server_dispatch_message; the unit, or up to systemd 230 the path of its control group */
const SUPPRESSED = /^Suppressed (\d{1,10}) messages from (\S{1,255})$/;
/**
 * rsyslog's ratelimit.c, tellLostCnt, and the start of a loss. imuxsock.c limits each process and names it by its
 * command. The second form is that of imuxsock up to rsyslog 7.2.
 */
const RSYSLOG = [
  /^(im[a-z0-9]{1,20})(?:\([^)]{0,200}\))?(?:\[pid: \d{1,10}(?:, name: ([^\]]{1,255}))?\])?(?: from <[^>]{0,255}>)?: (?:(\d{1,10}) messages lost|begin to drop messages) due to rate-limiting(?: \(|$)/,
  /^(imuxsock)() (?:lost (\d{1,10})|begins? to drop) messages from pid \d{1,10} due to rate-limiting$/,
] as const;
/** The programs that log much. */
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
  /** 0 where the message only reports that a loss starts */
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

  /** The last one to report a loss. */
  get by(): Loser {
    return this.#by;
  }

  /** @param record of journald or rsyslogd themselves: clients cannot write into those */
  take(record: LogRecord): void {
    const loss = lossOf(record);
    if (loss === undefined) return;
    const times = record.repeat ?? 1;
    this.#lines += loss.lines * times;
    this.#reports += times;
    this.#by = loss.by;
  }
}

/** Undefined where the lost lines are not those of Postfix. */
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

/** @param program its command: master(8) starts Postfix programs by their bare names */
function isPostfix(program: string): boolean {
  const name = lastOf(program);
  return POSTFIX_PROGRAMS.includes(name) && (name === program || program.includes('/postfix/'));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
