// The client of the control socket: sends the request of a command to the daemon.

import type { Socket } from 'node:net';
import { CONTROL_VERSION, type ControlReply, type ErrorCode, type RequestBody } from '../desk/protocol.ts';
import { EXIT, ExitError } from '../exit.ts';
import { connected } from './connection.ts';
import { Refused, SilentDaemon } from './unanswered.ts';

/** ms that a command waits for a daemon that does not answer */
const PATIENCE = 3000;

const STATUS: Readonly<Record<ErrorCode, number>> = {
  'bad-request': EXIT.usage,
  'bad-ip': EXIT.usage,
  'unknown-rule': EXIT.usage,
  'already-blocked': EXIT.nothing,
  'not-blocked': EXIT.nothing,
  'not-allowed': EXIT.nothing,
  'not-open': EXIT.nothing,
  'not-shared': EXIT.unavailable,
  'too-many': EXIT.nothing,
  'not-recorded': EXIT.io,
  busy: EXIT.busy,
  starting: EXIT.unavailable,
};

/**
 * @param state the state directory
 * @param patience ms
 * @throws Unanswered; ExitError where the daemon refuses, or its socket may not be used
 */
export async function ask<T>(state: string, request: RequestBody, patience = PATIENCE): Promise<T> {
  const socket = await opened(state, request, patience);
  let text = '';
  try {
    for await (const chunk of socket) text += chunk;
  } catch (error) {
    if (error instanceof ExitError) throw error;
    // Cut off in the middle: answerOf() reports that what has come is not an answer.
  }
  return answerOf<T>(text);
}

/**
 * Calls `onLine` for each change that the daemon sends, until it ends, and waits for the promise of each.
 * @throws as `ask`
 */
export async function follow(
  state: string,
  request: RequestBody,
  onLine: (change: unknown) => Promise<void>,
  patience = PATIENCE,
): Promise<void> {
  const socket = await opened(state, request, patience);
  let rest = '';
  let isAnswered = false;
  try {
    for await (const chunk of socket) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (isAnswered) await onLine(JSON.parse(line));
        else answerOf(line);
        socket.setTimeout(0);
        isAnswered = true;
      }
    }
  } catch (error) {
    // Cut off by the daemon's end, however it ended.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
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
  throw new Refused(STATUS[reply.code] ?? EXIT.software, reply.code, reply.message);
}

/** A connection over which the request has been sent; it is destroyed if the daemon sends nothing for `patience` ms. */
async function opened(state: string, request: RequestBody, patience: number): Promise<Socket> {
  const socket = (await connected(state)).setEncoding('utf8');
  socket.setTimeout(patience, () => socket.destroy(silent(request, patience)));
  socket.write(`${JSON.stringify({ version: CONTROL_VERSION, ...request })}\n`);
  return socket;
}

/** A daemon that was stopped carries out the request when it continues. */
function silent(request: RequestBody, patience: number): SilentDaemon {
  const change = request.by === undefined ? '' : '; the change may still be made';
  return new SilentDaemon(EXIT.unavailable, [
    `the daemon does not answer (waited ${patience / 1000} s)${change}`,
  ]);
}
