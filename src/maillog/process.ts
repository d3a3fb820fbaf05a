// The processes that log, each told by host, syslog tag and process ID: which Postfix program it is.

import { own } from '../blocks/own.ts';

/** smtpd(8), postscreen(8) and cleanup(8) tell of clients, master(8) tells when the host is under stress. */
const CLIENT_PROGRAMS = ['smtpd', 'postscreen', 'cleanup', 'master'] as const;
/** qmgr(8) tells what was accepted, and the delivery agents what became of it. */
const MAIL_PROGRAMS = ['qmgr', 'smtp', 'lmtp', 'local', 'virtual', 'pipe', 'error', 'discard'] as const;

export type Program = (typeof CLIENT_PROGRAMS | typeof MAIL_PROGRAMS)[number];

/** One process of a program. */
export interface Process {
  /** `HOST TAG[PID` */
  readonly text: string;
  readonly program: Program;
}

/** RFC 5424 6: a host name has at most 255 characters; Postfix's tag is its syslog_name and the program. */
const MAX_HOST = 255;
const MAX_TAG = 128;
const MAX_PID = 11;
/** Processes remembered, those of other programs too; a process logs many lines. */
const MOST_PROCESSES = 4096;

/** The processes of some programs, under whatever syslog_name. */
export class Processes {
  readonly #programs: readonly Program[];
  readonly #known = new Map<string, Process | undefined>();

  constructor(programs: readonly Program[]) {
    this.#programs = programs;
  }

  /** @param text `HOST TAG[PID`; @returns undefined where it is of no program that is wanted */
  find(text: string): Process | undefined {
    const process = this.#known.get(text);
    return process !== undefined || this.#known.has(text) ? process : this.#learn(own(text));
  }

  /** The program at the end of a syslog tag: `postfix/submission/smtpd`, `postfix-in/smtpd`, `mx1-smtpd`, `smtpd`. */
  programOf(tag: string): Program | undefined {
    // Another program's line may hold text that ends like a tag of Postfix's: a tag is one word.
    if (/[\s:[\]]/.test(tag)) return undefined;
    return this.#programs.find((program) => {
      if (!tag.endsWith(program)) return false;
      const before = tag.charCodeAt(tag.length - program.length - 1);
      return tag.length === program.length || before === 47 || before === 45;
    });
  }

  #learn(text: string): Process | undefined {
    if (this.#known.size >= MOST_PROCESSES) this.#known.clear();
    const tag = text.indexOf(' ') + 1;
    const bracket = text.indexOf('[', tag);
    const isProcess =
      tag > 0 &&
      tag <= MAX_HOST &&
      bracket >= 0 &&
      bracket - tag <= MAX_TAG &&
      text.length - bracket <= MAX_PID;
    const program = isProcess ? this.programOf(text.slice(tag, bracket)) : undefined;
    const process = program === undefined ? undefined : { text, program };
    this.#known.set(text, process);
    return process;
  }
}

/** Whom the daemon listens to. */
export const CLIENT_PROCESSES = new Processes(CLIENT_PROGRAMS);
/** Those, and all that tell what became of a mail. */
export const MAIL_PROCESSES = new Processes([...CLIENT_PROGRAMS, ...MAIL_PROGRAMS]);
