// A store for tests on a server that the test started, and the same events for it and for the blocks of one host.

import type { Change } from '../../../src/blocks/changes.ts';
import { codeOfEvent } from '../../../src/blocks/events/codes.ts';
import { type AbuseEvent, type GoodEvent, isGood } from '../../../src/blocks/events/event.ts';
import type { CountingRule } from '../../../src/blocks/rules.ts';
import type { Terms } from '../../../src/blocks/terms.ts';
import { ServerStore } from '../../../src/sharing/server/server-store.ts';
import { shardOf } from '../../../src/sharing/shard.ts';
import type {
  Batch,
  SharedEvent,
  SharedRules,
  StoreListener,
  StoreSpec,
} from '../../../src/sharing/shared-store.ts';
import { until } from '../../harness/until.ts';

export const SOURCE = '/var/log/mail.log';
export const NUMBERING = '2025-03-04T05:06:07.890Z';
let prefixes = 0;

export interface Turn {
  readonly isUp: boolean;
  readonly reason: string | undefined;
}

/** A store with all that it reported. */
export class StoreFixture implements StoreListener {
  readonly turns: Turn[] = [];
  readonly changedShards: number[] = [];
  readonly asides: string[] = [];
  readonly store: ServerStore;
  answer: (question: string) => string | undefined = () => undefined;

  constructor(spec: Partial<StoreSpec> & Pick<StoreSpec, 'urls'>) {
    this.store = new ServerStore(
      { kind: 'single', prefix: newPrefix(), host: 'mx1', timeout: 1000, ...spec },
      this,
    );
  }

  changed(shard: number): void {
    this.changedShards.push(shard);
  }

  asked(question: string, reply: (answer: string) => void): void {
    const answer = this.answer(question);
    if (answer !== undefined) reply(answer);
  }

  connection(isUp: boolean, reason: string | undefined): void {
    this.turns.push({ isUp, reason });
  }

  setAside(key: string): void {
    this.asides.push(key);
  }

  get isUp(): boolean {
    return this.turns.at(-1)?.isUp === true;
  }

  async up(): Promise<this> {
    await until('a connection', () => this.isUp);
    return this;
  }

  async down(): Promise<string> {
    await until('the end of the connection', () => this.turns.length > 0 && !this.isUp);
    return this.turns.at(-1)?.reason ?? '';
  }
}

/** No two tests share keys. */
export function newPrefix(): string {
  return `test-${prefixes++}`;
}

/** Rules of a policy as the server counts by them. */
export function sharedRules({ rules }: Pick<Terms, 'rules'>, digest = 'rules'): SharedRules {
  return { digest, rules: rules.rules.map(sharedRule) };
}

function sharedRule(rule: CountingRule) {
  const { name, mask, limit, within, blockFor, share = 0, sort, forgive, repeat } = rule;
  return { name, mask, limit, within, blockFor, share, sort, forgives: forgive !== undefined, repeat };
}

/** So many addresses whose clients lie in one shard. */
export function addressesOf(shard: number, count: number): readonly string[] {
  const found: string[] = [];
  for (let i = 1; found.length < count; i++) {
    const address = `198.51.${i >> 8}.${i & 255}`;
    if (shardOf(address) === shard) found.push(address);
  }
  return found;
}

/** The event of an IPv4 client as the server counts it. */
export function sharedEvent(event: AbuseEvent | GoodEvent, number: number): SharedEvent {
  const { address: key, at } = event;
  if (!isGood(event)) return { key, at, number, type: 'abuse', code: codeOfEvent(event), user: event.user };
  if (event.kind === 'login') return { key, at, number, type: 'login', user: event.user };
  if (event.kind === 'ended-connection') return { key, at, number, type: 'connection' };
  return { key, at, number, type: 'message', recipients: event.recipients };
}

export function batchOf(shard: number, events: readonly SharedEvent[], more: Partial<Batch> = {}): Batch {
  return { shard, source: SOURCE, since: NUMBERING, events, breakerOpened: undefined, ...more };
}

/** What the server puts into a stream of what happens on one host. */
export function decisionOf(change: Change): object | undefined {
  if (change.type !== 'block' && change.type !== 'spared') return undefined;
  const { hand: _, first: __, ...decision } = { hand: undefined, first: undefined, ...change };
  return JSON.parse(JSON.stringify(decision));
}
