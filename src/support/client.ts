// The other end of the control socket: asks the running daemon on behalf of a command.

import { connect, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EXIT, ExitError } from '../exit.ts';
import { CONTROL_VERSION, type ControlReply, type ControlRequest, type ErrorCode } from './protocol.ts';

/** No daemon answers on the control socket. */
export class NoDaemon extends ExitError {
  constructor(path: string, cause: unknown) {
    super(EXIT.unavailable, [`no daemon is running with the state directory of ${path}`], cause);
  }
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  'bad-request': EXIT.usage,
  'bad-ip': EXIT.usage,
  'unknown-rule': EXIT.usage,
  'already-blocked': EXIT.nothing,
  'not-blocked': EXIT.nothing,
  'not-allowed': EXIT.nothing,
  'too-many': EXIT.nothing,
  'not-recorded': EXIT.io,
};

/**
 * @param state the state directory
 * @throws NoDaemon; ExitError where the daemon refuses, or its socket may not be used
 */
export async function ask<T>(state: string, request: Omit<ControlRequest, 'version'>): Promise<T> {
  const socket = await opened(join(state, 'control.sock'));
  socket.write(`${JSON.stringify({ version: CONTROL_VERSION, ...request })}\n`);
  let text = '';
  try {
    for await (const chunk of socket) text += chunk;
  } catch {
    // Cut off in the middle: what has come is no answer, and is told as such.
  }
  return answerOf<T>(text);
}

/** Calls `onLine` for each change that the daemon tells, until it ends. */
export async function follow(state: string, onLine: (change: unknown) => void): Promise<void> {
  const socket = await opened(join(state, 'control.sock'));
  socket.write(`${JSON.stringify({ version: CONTROL_VERSION, command: 'tail' })}\n`);
  let rest = '';
  let isAnswered = false;
  for await (const chunk of socket) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (isAnswered) onLine(JSON.parse(line));
      else answerOf(line);
      isAnswered = true;
    }
  }
}

/** Who stands behind a command: the user who called sudo, or else the one who runs it. */
export function whoAsks(): string {
  const { SUDO_USER: sudo } = process.env;
  if (sudo !== undefined && sudo !== '') return sudo;
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as in many containers.
    return `uid ${process.getuid?.()}`;
  }
}

function answerOf<T>(text: string): T {
  let reply: ControlReply;
  try {
    reply = JSON.parse(text) as ControlReply;
  } catch (error) {
    throw new ExitError(EXIT.unavailable, ['the daemon ended without an answer'], error);
  }
  if (reply.ok) return reply.answer as T;
  throw new ExitError(STATUS[reply.code] ?? EXIT.software, [reply.message]);
}

async function opened(path: string): Promise<Socket> {
  const socket = connect(path).setEncoding('utf8');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') throw new NoDaemon(path, error);
      throw new ExitError(EXIT.permission, [`the control socket cannot be used: ${error.message}`], error);
    },
  );
  return socket;
}
