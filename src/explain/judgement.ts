// The judgement of one line: whether it is counted, and why not.

import type { Fact } from '../maillog/postfix/fact.ts';
import { looksLikeRefusal, refusesNothing } from '../maillog/postfix/refusal-signs.ts';
import type { Uncounted } from '../maillog/postfix/uncounted.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import type { ExplainedClient, ExplainedEvent, ExplainedGood, Explanation, Result } from './explanation.ts';
import { WHY, type Why } from './why.ts';

export type Judgement = Pick<Explanation, 'result' | 'why' | 'reason'>;

/** A record, and what the log reader read from it. */
export interface ReadRecord {
  readonly record: LogRecord;
  readonly fact: Fact | undefined;
  readonly uncounted: Uncounted | undefined;
  readonly client: ExplainedClient | null;
  readonly events: readonly ExplainedEvent[];
  readonly good: readonly ExplainedGood[];
  readonly expected: ExplainedEvent | null;
}

/** Facts that announce the end of a connection, which may still go on. */
const OPEN_ENDINGS: readonly Fact['type'][] = ['notice', 'idle'];
/** Facts that show that a message was accepted. */
const ACCEPTED: readonly Fact['type'][] = ['queued', 'proxy-accept'];
/** Programs that log about clients. All others that are read deliver mail. */
const CLIENT_PROGRAMS: readonly string[] = ['smtpd', 'postscreen', 'cleanup', 'master'];

export function judgementOf(read: ReadRecord): Judgement {
  const { fact, uncounted, events, expected } = read;
  if (fact === undefined) return judgementOfOthers(read.record);
  if (events.length > 0) {
    const why = whyNone(read, events);
    return why === undefined ? { result: 'counted', why: null, reason: null } : notCounted(why, events);
  }
  if (uncounted !== undefined) return notCounted(hasQuit(fact, uncounted) ? 'quit' : uncounted);
  if (read.good.length > 0) return judgementOfGood(read);
  if (expected === null) return resultOf('nothing', ACCEPTED.includes(fact.type) ? 'no-sender' : 'no-event');
  const why = whyNone(read, [expected]);
  if (why !== undefined) return notCounted(why, [expected]);
  return resultOf('later', OPEN_ENDINGS.includes(fact.type) ? 'open' : 'session');
}

function judgementOfGood({ client, good }: ReadRecord): Judgement {
  if (client === null || client.key === null) return resultOf('nothing', 'no-address');
  if (client.allowed !== null) return resultOf('nothing', 'allowed');
  return good.some(({ rules }) => rules.length > 0)
    ? resultOf('good', 'share')
    : resultOf('nothing', 'no-share');
}

export function resultOf(result: Result, why: Why): Judgement {
  return { result, why, reason: WHY[why] };
}

function judgementOfOthers({ program, message }: LogRecord): Judgement {
  if (!CLIENT_PROGRAMS.includes(program)) return resultOf('nothing', 'delivery');
  if (!looksLikeRefusal(message)) return resultOf('nothing', 'no-event');
  return refusesNothing(message) ? resultOf('nothing', 'no-refusal') : notCounted('unknown-refusal');
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

function hasQuit(fact: Fact, why: Uncounted): boolean {
  return why === 'went-on' && fact.type === 'disconnect' && fact.message.includes(' quit=1', fact.client.end);
}
