// Blocks for tests: rules, events and blocks in a line each, and every change that was reported.

import { type AllowItem, AllowList } from '../../src/blocks/allow.ts';
import { Blocks } from '../../src/blocks/blocks.ts';
import type { BlockBegun, BlockEnded, ClientSpared } from '../../src/blocks/changes.ts';
import { type CountName, classOfCode, codeNamed, kindOfCode } from '../../src/blocks/events/codes.ts';
import type { AbuseEvent } from '../../src/blocks/events/event.ts';
import { type Rule, RuleSet } from '../../src/blocks/rules.ts';
import { type RecordState, withNotes } from '../../src/blocks/table/record-state.ts';
import type { ClientView } from '../../src/blocks/table/table-view.ts';
import type { Terms } from '../../src/blocks/terms.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { WELL_KNOWN_PREFIX } from '../../src/values/nat64.ts';

/** 2025-03-04T05:06:07.890Z: the moment at which the tests' events begin. */
export const START = Date.UTC(2025, 2, 4, 5, 6, 7, 890);

/** Three failed logins within ten minutes block for an hour. */
export const AUTH: Rule = {
  name: 'auth',
  counts: ['auth-failure'],
  limit: 3,
  within: 10 * MINUTE,
  blockFor: HOUR,
  message: 'No more logins.',
  enforce: true,
};

export interface Policy extends Partial<Omit<Terms, 'rules' | 'allow'>> {
  readonly rules?: readonly Rule[];
  readonly allow?: readonly AllowItem[];
}

/** Terms with one rule, AUTH, unless others are given. */
export function termsOf({
  rules = [AUTH],
  allow = [],
  ipv6Prefix = 64,
  nat64 = [WELL_KNOWN_PREFIX],
  maxTracked = 1000,
  breaker,
}: Policy = {}): Terms {
  return {
    rules: new RuleSet(rules),
    allow: new AllowList(allow, nat64),
    ipv6Prefix,
    nat64,
    maxTracked,
    breaker,
  };
}

export class BlocksFixture {
  /** beginnings and ends of blocks */
  readonly changes: (BlockBegun | BlockEnded)[] = [];
  readonly spared: ClientSpared[] = [];
  readonly blocks: Blocks;

  constructor(policy: Policy = {}) {
    this.blocks = new Blocks(termsOf(policy), (change) => {
      if (change.type === 'block' || change.type === 'end') this.changes.push(change);
      if (change.type === 'spared') this.spared.push(change);
    });
  }

  /** Takes an event of `address` at each of the times, in ms after START. */
  take(address: string, times: readonly number[], what: CountName = 'auth-failure', name?: string): this {
    for (const time of times) this.blocks.take(eventOf(address, time, what, name));
    return this;
  }

  /** Takes an event of a user; 0 for none. */
  fail(address: string, time: number, user: number, what: CountName = 'auth-failure'): this {
    this.blocks.take({ ...eventOf(address, time, what), ...(user !== 0 && { user }) });
    return this;
  }

  /** Takes an accepted message. */
  accept(address: string, time: number, recipients = 1): this {
    this.blocks.take({ kind: 'accepted-message', address, at: START + time, recipients });
    return this;
  }

  login(address: string, time: number, user?: number): this {
    this.blocks.take({ kind: 'login', address, at: START + time, user });
    return this;
  }

  ended(address: string, time: number): this {
    this.blocks.take({ kind: 'ended-connection', address, at: START + time });
    return this;
  }

  refusal(address: string, time: number): this {
    this.blocks.take({ kind: 'refusal', address, at: START + time });
    return this;
  }

  /** The name of the rule that refuses a client, `time` ms after START. */
  refusing(address: string, time: number, name?: string): string | undefined {
    return this.blocks.refusing(address, () => name, START + time)?.rule.name;
  }

  expire(time: number): this {
    this.blocks.expire(START + time);
    return this;
  }

  adopt(policy: Policy, time: number): this {
    this.blocks.adopt(termsOf(policy), START + time);
    return this;
  }

  /** Each change as `block 192.0.2.1 auth 2000` or `end 192.0.2.1 auth 5000 expired`, in ms after START. */
  get reported(): string[] {
    return this.changes.map((change) => {
      const head = `${change.type} ${change.ip} ${change.rule} ${change.at - START}`;
      return change.type === 'end' ? `${head} ${change.reason}` : head;
    });
  }

  /** As `reported`, with each spared client as `spared 192.0.2.1 auth 2000 3 9`: bad and good. */
  get allReported(): string[] {
    const spared = this.spared.map(
      ({ ip, rule, at, bad, good }) => `spared ${ip} ${rule} ${at - START} ${bad} ${good}`,
    );
    return [...this.reported, ...spared];
  }

  /** Each client that was spared as `192.0.2.1 auth 2000: 3 of 12`: bad of all, in ms after START. */
  get sparedLines(): string[] {
    return this.spared.map(
      ({ ip, rule, at, bad, good }) => `${ip} ${rule} ${at - START}: ${bad} of ${bad + good}`,
    );
  }

  /** How many events are remembered of a client key. */
  counted(key: string): number | undefined {
    return this.blocks.table.get(key)?.events.length;
  }
}

export function eventOf(
  address: string,
  time: number,
  what: CountName = 'auth-failure',
  name?: string,
): AbuseEvent {
  const code = codeNamed(what);
  return { kind: kindOfCode(code), class: classOfCode(code), address, at: START + time, name };
}

/** All records by key, without their places in queues. */
export function statesOf(blocks: Blocks): Map<string, RecordState> {
  const states = new Map<string, RecordState>();
  const walk = blocks.table.walk((record) => states.set(record.key, stateOf(record)));
  while (walk.step(100));
  return states;
}

/** A copy of what is known of a client now. */
export function stateOf(record: ClientView): RecordState {
  const { events, failures, floor, block, watches, evidence } = withNotes(record, (notes) => [...notes]);
  const more = { ...(failures && { failures }), ...(evidence && { evidence }) };
  return structuredClone({ events, floor, block, watches, ...more });
}
