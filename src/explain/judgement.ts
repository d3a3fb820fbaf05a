// What comes of one line, and why: the answer to "why is this line not counted?".

import type { Fact } from '../maillog/fact.ts';
import type { LogRecord } from '../maillog/record.ts';
import type { ExplainedClient, ExplainedEvent, Explanation, Result } from './explanation.ts';
import { WHY, type Why } from './why.ts';

export type Judgement = Pick<Explanation, 'result' | 'why' | 'reason'>;

/** What the log reader made of a record. */
export interface ReadRecord {
  readonly record: LogRecord;
  readonly fact: Fact | undefined;
  /** why the log reader spares the client, where it does */
  readonly spared: 'own-refusal' | 'stress' | 'logins-failing' | undefined;
  readonly client: ExplainedClient | null;
  readonly events: readonly ExplainedEvent[];
  readonly expected: ExplainedEvent | null;
}

/** Programs that tell of clients; all others that are read deliver. */
const TELL_OF_CLIENTS: readonly string[] = ['smtpd', 'postscreen', 'cleanup', 'master'];
/** What a line that tells of a refusal or a failure holds. */
const SIGNS = ['reject', 'authentication failed', 'limit exceeded', ' blocked '];

export function judgementOf(read: ReadRecord): Judgement {
  const { fact, spared, events, expected } = read;
  if (fact === undefined) return judgementOfOthers(read.record);
  if (events.length > 0) {
    const why = whyNone(read, events);
    return why === undefined ? { result: 'counted', why: null, reason: null } : notCounted(why, events);
  }
  if (spared !== undefined) return notCounted(spared);
  if (fact.type === 'reject') return notCounted('counted');
  if (expected === null) return resultOf('nothing', 'no-event');
  const why = whyNone(read, [expected]);
  return why === undefined ? resultOf('later', 'session') : notCounted(why, [expected]);
}

export function resultOf(result: Result, why: Why): Judgement {
  return { result, why, reason: WHY[why] };
}

function judgementOfOthers({ program, message }: LogRecord): Judgement {
  if (!TELL_OF_CLIENTS.includes(program)) return resultOf('nothing', 'delivery');
  return SIGNS.some((sign) => message.includes(sign))
    ? notCounted('uncounted')
    : resultOf('nothing', 'no-event');
}

/** Why no rule counts any of these events; undefined where one does. */
function whyNone({ client }: ReadRecord, events: readonly ExplainedEvent[]): Why | undefined {
  if (client === null || client.key === null) return 'no-address';
  if (client.allowed !== null) return 'allowed';
  return events.some(({ rules }) => rules.length > 0) ? undefined : 'no-rule';
}

function notCounted(why: Why, events: readonly ExplainedEvent[] = []): Judgement {
  if (why !== 'no-rule') return resultOf('not-counted', why);
  const names = events.map((event) => event.class ?? event.kind);
  return { result: 'not-counted', why, reason: `no rule counts ${names.join(' or ')}` };
}
