// The control request that a call becomes, as the table of commands says.

import { userInfo } from 'node:os';
import type { RequestBody } from '../desk/protocol.ts';
import { commandNamed, type RequestName } from './reference/table.ts';

interface Requesting {
  readonly name: RequestName;
  readonly values: object;
  readonly operands: readonly string[];
}

/** @param operand the one that the request is about; a command of several operands makes a request of each */
export function requestOf(
  { name, values, operands }: Requesting,
  operand: string | undefined = operands[0],
): RequestBody {
  const { effect = 'read', fields = {} } = commandNamed(name)?.request ?? {};
  const given = values as Readonly<Record<string, unknown>>;
  const named = Object.entries(fields).map(([field, from]) => [
    field,
    from === 'operand' ? operand : given[from],
  ]);
  return {
    command: name,
    ...Object.fromEntries(named),
    ...(effect === 'change' ? { by: caller(), reason: String(given.reason) } : {}),
  };
}

/**
 * The user who runs the command; for root, the user who called sudo. Any other user could set SUDO_USER to the name of
 * somebody else. The daemon cannot verify the name, since Node does not report the user at the other end of a socket.
 */
export function caller(): string {
  const { SUDO_USER: sudo } = process.env;
  if (process.geteuid?.() === 0 && sudo !== undefined && sudo !== '') return sudo;
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as in many containers.
    return `uid ${process.getuid?.()}`;
  }
}
