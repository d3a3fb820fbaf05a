// Errors of a command whose request has no answer, or is refused.

import type { ErrorCode } from '../desk/protocol.ts';
import { ExitError } from '../exit.ts';

/** The daemon refuses the request. */
export class Refused extends ExitError {
  readonly code: ErrorCode;

  constructor(status: number, code: ErrorCode, message: string) {
    super(status, [message]);
    this.code = code;
  }
}

/** No daemon is running, or the daemon is silent. */
export class Unanswered extends ExitError {}

/** The daemon has its socket open, but does not answer. */
export class SilentDaemon extends Unanswered {}

/** No daemon is running with the state directory of the policy; perhaps it is another policy that was meant. */
export class NoDaemon extends Unanswered {
  /** The same, with the policy that was used. */
  under(policy: string): NoDaemon {
    const last = this.lines.length - 1;
    const lines = this.lines.map((line, i) => (i < last ? line : `${line} (policy: ${policy})`));
    return new NoDaemon(this.status, lines, this.cause);
  }
}
