// The part of a snapshot that holds the log reader's sessions, and how it is restored.

import { CLASSES } from '../blocks/events/event.ts';
import type { LoginsState } from './logins.ts';
import type { DropClass } from './postfix/fact.ts';
import { postscreenFact } from './postfix/postscreen.ts';
import { smtpdFact } from './postfix/smtpd.ts';
import { newSession, type Session } from './session.ts';
import type { StressState } from './stress.ts';
import type { WaitingState } from './waiting-messages.ts';

export interface SessionState {
  readonly open: readonly (readonly [string, Session])[];
  /** ms since 1970; when stale postscreen sessions were last removed */
  readonly swept: number;
  /** smtpd processes whose authentication server was gone at their last request */
  readonly authLost: readonly string[];
  readonly stress: StressState;
  readonly logins: LoginsState;
  /** messages that qmgr has not taken up */
  readonly waiting: WaitingState;
}

/** As SessionState, with unchecked values for the parts that restore themselves. */
export type RestoredState = Omit<SessionState, 'stress' | 'logins' | 'waiting'> & {
  readonly stress: unknown;
  readonly logins: unknown;
  readonly waiting: unknown;
};

/**
 * Restores a state. Of a damaged one, only valid sessions are used. An earlier release had no classes of drops, no
 * waiting messages, and one `stressUntil` (ms) for all services.
 */
export function restoredSessions(state: unknown): RestoredState {
  const { open, swept, authLost, stress, stressUntil, logins, waiting } = (state ?? {}) as Readonly<
    Record<string, unknown>
  >;
  return {
    open: listOf(open).filter(isOpenSession).map(takenBack),
    swept: typeof swept === 'number' ? swept : 0,
    authLost: listOf(authLost).filter((process) => typeof process === 'string'),
    stress: stress ?? stressUntil,
    logins,
    waiting,
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const TEXTS = ['name', 'command', 'line', 'user', 'queueId', 'rejectedId'];
const FLAGS = ['handshake', 'auth', 'refused', 'proxied', 'rejectedBehind', 'returned', 'held'];
const ENDS: readonly unknown[] = [undefined, 'dropped', 'abandoned', 'idle', 'noticed'];
const DROPS: readonly unknown[] = [undefined, ...CLASSES['dropped-connection']];

function isOpenSession(entry: unknown): entry is [string, Session] {
  if (!Array.isArray(entry)) return false;
  const [key, session] = entry as readonly unknown[];
  if (typeof key !== 'string' || typeof session !== 'object' || session === null) return false;
  const { address, since, ended, class: of, origin, ...more } = session as Readonly<Record<string, unknown>>;
  const isTold = (names: readonly string[], type: string) =>
    names.every((name) => more[name] === undefined || typeof more[name] === type);
  return (
    typeof address === 'string' &&
    (since === undefined || typeof since === 'number') &&
    ENDS.includes(ended) &&
    DROPS.includes(of) &&
    isTold(TEXTS, 'string') &&
    isTold(FLAGS, 'boolean') &&
    Object.keys(more).every((name) => TEXTS.includes(name) || FLAGS.includes(name)) &&
    (origin === undefined || isOrigin(origin))
  );
}

function isOrigin(origin: unknown): boolean {
  if (typeof origin !== 'object' || origin === null) return false;
  const { address, name } = origin as Readonly<Record<string, unknown>>;
  return typeof address === 'string' && (name === undefined || typeof name === 'string');
}

/**
 * A session as the reader makes it, with the same fields in the same order. An earlier release kept the line that shows
 * how it ended, and no class.
 */
function takenBack([key, session]: [string, Session]): [string, Session] {
  const { address, name, since } = session;
  const whole = { ...newSession({ address, name }, since), ...session };
  const hasClass = session.ended !== 'dropped' || session.class !== undefined;
  return [key, hasClass ? whole : { ...whole, class: classOf(session.line ?? '') }];
}

function classOf(line: string): DropClass {
  const message = line.slice(line.indexOf(']: ') + 3);
  const fact = smtpdFact(message) ?? postscreenFact(message);
  if (fact?.type === 'drop' || fact?.type === 'notice') return fact.class;
  return fact?.type === 'handshake' ? 'tls' : fact?.type === 'idle' ? 'timeout' : 'protocol';
}
