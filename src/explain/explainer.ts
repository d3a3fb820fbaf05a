// Reads lines as the daemon does, and explains each.

import { AllowList, itemText } from '../blocks/allow.ts';
import { classOfCode, codeOfEvent, kindOfCode } from '../blocks/events/codes.ts';
import { type AbuseEvent, isAbuse, isGood, type LogEvent } from '../blocks/events/event.ts';
import { RuleSet } from '../blocks/rules.ts';
import type { Config } from '../config/config.ts';
import type { Fact } from '../maillog/postfix/fact.ts';
import { LogReader } from '../maillog/reader.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { textOfUtf8 } from '../maillog/syslog/utf8.ts';
import { clientKey } from '../values/address.ts';
import type { Nat64Prefix } from '../values/nat64.ts';
import { expectedOf } from './expected-event.ts';
import {
  EXPLANATION_VERSION,
  type ExplainedClient,
  type ExplainedEvent,
  type ExplainedRecord,
  type ExplainedRule,
  type Explanation,
} from './explanation.ts';
import { factWords } from './fact-words.ts';
import { explainedGood } from './good.ts';
import { judgementOf, resultOf } from './judgement.ts';

/** A line of a log, with the record that it gives, or why it gives none. */
export interface GivenLine {
  readonly source: string;
  readonly line: number;
  readonly text: string;
  readonly read: LogRecord | 'other' | 'no-time' | 'no-process' | 'no-entry';
}

/** The part of the policy that says what is counted. */
export type CountingPolicy = Pick<Config, 'rules' | 'allow' | 'ipv6Prefix' | 'nat64'>;

const NOTHING = {
  record: null,
  fact: null,
  says: null,
  client: null,
  events: [],
  good: [],
  expected: null,
} satisfies Partial<Explanation>;

type NamedClient = Pick<AbuseEvent, 'address' | 'name'>;

export class Explainer {
  readonly #reader = new LogReader();
  readonly #rules: RuleSet;
  readonly #allow: readonly { readonly entry: string; readonly list: AllowList }[];
  readonly #ipv6Prefix: number;
  readonly #nat64: readonly Nat64Prefix[];

  constructor({ rules, allow, ipv6Prefix, nat64 }: CountingPolicy) {
    this.#rules = new RuleSet(rules);
    this.#allow = allow.map((item) => ({ entry: itemText(item), list: new AllowList([item], nat64) }));
    this.#ipv6Prefix = ipv6Prefix;
    this.#nat64 = nat64;
    this.#reader.readsGood = true;
    this.#reader.texts.add(rules.map(({ message }) => message));
  }

  /** Call it for every line, in the order of the log: a session has many lines. */
  explain({ read, ...given }: GivenLine): Explanation {
    const origin = { version: EXPLANATION_VERSION, ...given };
    if (typeof read !== 'string') return { ...origin, ...this.#explained(read) };
    const judgement = read === 'other' ? resultOf('nothing', 'other-program') : resultOf('unread', read);
    return { ...origin, ...judgement, ...NOTHING };
  }

  #explained(record: LogRecord): Omit<Explanation, 'version' | 'source' | 'line' | 'text'> {
    const emitted: LogEvent[] = [];
    const fact = this.#reader.read(record, (event) => emitted.push(event));
    const abuse = emitted.filter(isAbuse);
    const client = this.#clientOf(fact, emitted[0]);
    const events = this.#eventsOf(abuse, client);
    const isCounted = client !== null && client.key !== null && client.allowed === null;
    const good = emitted.filter(isGood).map((event) => explainedGood(event, this.#rules, isCounted));
    const { uncounted } = this.#reader;
    const ending = fact === undefined || uncounted !== undefined ? undefined : expectedOf(fact);
    const expected = ending === undefined ? null : this.#explainedEvent(codeOfEvent(ending), 1, client);
    return {
      ...judgementOf({ record, fact, uncounted, client, events, good, expected }),
      record: recordOf(record),
      fact: fact?.type ?? null,
      says: fact === undefined ? null : factWords(fact),
      client,
      events,
      good,
      expected,
    };
  }

  /** @param event of the line, if any: it has the client even where the line does not name it */
  #clientOf(fact: Fact | undefined, event: NamedClient | undefined): ExplainedClient | null {
    const named = fact !== undefined && 'client' in fact ? fact.client : undefined;
    const client: NamedClient | undefined = event ?? named;
    if (client === undefined) return null;
    const { address, name } = client;
    const allowed = this.#allow.find(({ list }) => list.covers(address, name))?.entry;
    return {
      address: textOfUtf8(address),
      name: name === undefined ? null : textOfUtf8(name),
      key: clientKey(address, this.#ipv6Prefix, this.#nat64) ?? null,
      allowed: allowed ?? null,
      isNamed: named?.address === address,
    };
  }

  #eventsOf(abuse: readonly AbuseEvent[], client: ExplainedClient | null): readonly ExplainedEvent[] {
    const counts = new Map<number, number>();
    for (const event of abuse) counts.set(codeOfEvent(event), (counts.get(codeOfEvent(event)) ?? 0) + 1);
    return [...counts].map(([code, count]) => {
      const ending = abuse.find((event) => codeOfEvent(event) === code)?.detail?.().ending;
      return this.#explainedEvent(code, count, client, ending);
    });
  }

  #explainedEvent(
    code: number,
    count: number,
    client: ExplainedClient | null,
    ending?: string,
  ): ExplainedEvent {
    const isCounted = client !== null && client.key !== null && client.allowed === null;
    return {
      kind: kindOfCode(code),
      class: classOfCode(code) ?? null,
      count,
      ending: ending ?? null,
      rules: isCounted ? this.#rules.counting(code).map(ruleOf) : [],
    };
  }
}

function recordOf({ at, program, process, repeat = 1 }: LogRecord): ExplainedRecord {
  return { at: new Date(at).toISOString(), program, process: `${textOfUtf8(process)}]`, repeat };
}

function ruleOf({
  name,
  limit,
  within,
  enforce,
}: {
  readonly name: string;
  readonly limit: number;
  readonly within: number;
  readonly enforce: boolean;
}): ExplainedRule {
  return { rule: name, limit, within: within / 1000, enforced: enforce };
}
