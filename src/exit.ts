// Exit codes (sysexits.h), and the error that carries one to the door.

export const EXIT = {
  ok: 0,
  /** what was asked for is not so, or there was nothing to do */
  nothing: 1,
  usage: 64,
  unavailable: 69,
  software: 70,
  io: 74,
  /** EX_TEMPFAIL: the same may be done a moment later */
  busy: 75,
  permission: 77,
  config: 78,
  /** 128 and the number of SIGINT, as shells say it */
  interrupted: 130,
} as const;

/** Ends the program with a plain line for each message. */
export class ExitError extends Error {
  readonly status: number;
  readonly lines: readonly string[];

  constructor(status: number, lines: readonly string[], cause?: unknown) {
    super(lines.join('\n'), { cause });
    this.status = status;
    this.lines = lines;
  }
}

/** A failure after the whole answer was printed, so that the answer stays the last thing on standard output. */
export class AnsweredError extends ExitError {}

/** For what the system refused at the start. @param error its `code` is the system's, such as EACCES */
export function exitStatusOf(error: { readonly code?: string | undefined }): number {
  if (error.code === 'EACCES' || error.code === 'EPERM') return EXIT.permission;
  return error.code === 'ENOENT' ? EXIT.config : EXIT.unavailable;
}
