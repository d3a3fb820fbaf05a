// The processes that log: the Postfix program of each, by host, syslog tag and process ID.

import { own } from '../../values/detached-string.ts';
import { hostsOf, isLevel } from './header-words.ts';
import type { LogText } from './log-text.ts';
import { Prefix, WORD } from './prefix.ts';

/**
 * smtpd(8), postscreen(8) and cleanup(8) log clients, qmgr(8) what was accepted, master(8) that the host is under stress.
 */
const CLIENT_PROGRAMS = ['smtpd', 'postscreen', 'cleanup', 'qmgr', 'master'] as const;
/** The delivery agents log the deliveries. */
const MAIL_PROGRAMS = ['smtp', 'lmtp', 'local', 'virtual', 'pipe', 'error', 'discard'] as const;

/** journald and rsyslogd report lines that they lost. */
const SYSLOG_DAEMONS = ['systemd-journald', 'rsyslogd'] as const;

export type SyslogDaemon = (typeof SYSLOG_DAEMONS)[number];
export type Program = (typeof CLIENT_PROGRAMS | typeof MAIL_PROGRAMS)[number] | SyslogDaemon;

export function isSyslogDaemon(program: Program | undefined): program is SyslogDaemon {
  return program === 'rsyslogd' || program === 'systemd-journald';
}

/** imjournal passes journald's tag on; older releases of journald have it cut. */
const JOURNALD_TAGS = ['systemd-journald', 'systemd-journal', 'journal'];
/** rsyslog 5 and 6 add the number of an error: `rsyslogd-2177` */
const RSYSLOGD_TAG = /^rsyslogd(?:-\d{1,5})?$/;

function daemonOf(tag: string): SyslogDaemon | undefined {
  if (JOURNALD_TAGS.includes(tag)) return 'systemd-journald';
  return RSYSLOGD_TAG.test(tag) ? 'rsyslogd' : undefined;
}

/** One process. */
export interface Process {
  /** `HOST TAG[PID`, `TAG[PID` in a log without host names */
  readonly text: string;
  /** undefined where the program is not wanted */
  readonly program: Program | undefined;
}

/** Postfix's tag is its syslog_name and the program. */
const MAX_TAG = 128;
const PID = /^\d{1,10}$/;
/**
 * A tag with a colon in it: of Postfix's own name, or `NAME/SERVICE/PROGRAM` with an address and a port for the service
 * (master(5), `-o syslog_name=postfix/$service_name`): `postfix/127.0.0.1:10025/smtpd`, `postfix/[::1]:587/smtpd`. Any
 * other may be the tag of another program, and text that imitates Postfix's right after it.
 */
const WITH_COLON =
  /^(?:postfix[^\s[\]]*|[^\s:/[\]]+\/(?:\[[0-9A-Fa-f.:]+\]|[^\s:/[\]]+):(?:\d+|s?smtps?|submissions?)\/[a-z]+)$/;
/** Brackets of a syslog_name come in pairs: others are what is left of two lines. */
const IN_PAIRS = /^[^[\]]*(?:\[[^[\]]*\][^[\]]*)*$/;
/** Characters of the shortest text that is looked at. */
const MIN_LENGTH = 4;
/** Slots for processes that were seen, also of other programs; a process logs many lines. */
const PLACE_BITS = 12;
const SLOTS = 1 << PLACE_BITS;

interface Seen {
  readonly prefix: Prefix;
  /** undefined where it is none */
  readonly process: Process | undefined;
}

/** The processes of some programs, under whatever syslog_name. */
export class Processes {
  readonly #programs: readonly Program[];
  /** each in the slot of its process ID: finding it there takes a third of the time of a Map */
  readonly #seen = new Array<Seen | undefined>(SLOTS).fill(undefined);

  constructor(programs: readonly Program[]) {
    this.#programs = programs;
  }

  /**
   * @param log in which `TAG[PID`, or the tag of another program alone, stands from `from` to `to`, with or without words
   *   of a header in front
   * @returns undefined where anything else stands there
   */
  find(log: LogText, from: number, to: number): Process | undefined {
    if (to - from < WORD) return this.#shortAt(log, from, to);
    const place = placeOf(log, to);
    const seen = this.#seen[place];
    if (seen?.prefix.fills(log, from, to)) return seen.process;
    const prefix = new Prefix(log.text.slice(from, to));
    const learnt = { prefix, process: this.#processOf(prefix.text) };
    this.#seen[place] = learnt;
    return learnt.process;
  }

  /** The program at the end of a syslog tag: `postfix/submission/smtpd`, `postfix-in/smtpd`, `mx1-smtpd`, `smtpd`. */
  programOf(tag: string): Program | undefined {
    // Another program's line may contain text that ends like a tag of Postfix's: a tag is one word.
    if (tag.length > MAX_TAG || /\s/.test(tag)) return undefined;
    if (tag.includes(':') && !WITH_COLON.test(tag)) return undefined;
    if ((tag.includes('[') || tag.includes(']')) && !IN_PAIRS.test(tag)) return undefined;
    const daemon = daemonOf(tag);
    if (daemon !== undefined) return daemon;
    return this.#programs.find((program) => {
      if (!tag.endsWith(program)) return false;
      const before = tag.charCodeAt(tag.length - program.length - 1);
      return tag.length === program.length || before === 47 || before === 45;
    });
  }

  #shortAt({ text }: LogText, from: number, to: number): Process | undefined {
    return to - from < MIN_LENGTH ? undefined : this.#processOf(text.slice(from, to));
  }

  #processOf(text: string): Process | undefined {
    const tag = text.lastIndexOf(' ') + 1;
    const bracket = text.lastIndexOf('[');
    const hosts = hostsOf(text.slice(0, tag));
    if (hosts === undefined) return undefined;
    if (bracket <= tag) return this.#tagAlone(text, text.slice(tag));
    if (!PID.test(text.slice(bracket + 1))) return undefined;
    const process = text.slice(tag);
    const whole = hosts === '' ? process : `${hosts} ${process}`;
    return { text: whole === text ? text : own(whole), program: this.programOf(text.slice(tag, bracket)) };
  }

  /** Other programs may log without a process ID, as Dovecot and rsyslogd do; Postfix never does. */
  #tagAlone(text: string, tag: string): Process | undefined {
    if (tag === '' || isLevel(`${tag}:`)) return undefined;
    const program = this.programOf(tag);
    return program === undefined || isSyslogDaemon(program) ? { text, program } : undefined;
  }
}

/** Below SLOTS, by the last digits of the process ID that ends before `end`. */
function placeOf({ bytes }: LogText, end: number): number {
  return Math.imul(bytes.getInt32(end - MIN_LENGTH), 0x9e3779b1) >>> (32 - PLACE_BITS);
}

/** The programs whose lines the daemon reads. */
export const CLIENT_PROCESSES = new Processes(CLIENT_PROGRAMS);
/** These, and all that log deliveries. */
export const MAIL_PROCESSES = new Processes([...CLIENT_PROGRAMS, ...MAIL_PROGRAMS]);
