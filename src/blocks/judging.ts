// The judgement of a client that has reached a limit: its block starts, or it is spared.

import { own } from '../values/detached-string.ts';
import type { Change } from './changes.ts';
import type { AbuseEvent } from './events/event.ts';
import { countWithin, filledAt, firstOf, type Question } from './events/window.ts';
import { classesOf, countsOf, evidenceFor } from './evidence.ts';
import { type Share, shareAt } from './good/share.ts';
import type { Lifecycle } from './lifecycle.ts';
import { ignoreBefore, startBlock } from './record/floor.ts';
import { lengthAfter, withFormer } from './record/former-blocks.ts';
import type { CountingRule } from './rules.ts';
import { DeferredClients } from './sparing/deferred.ts';
import { type Block, isAwaited, newBlock, type Watch } from './table/block.ts';
import type { ClientRecord } from './table/record.ts';
import { type SpareReason, sparedBy, withoutSpared, withSpared } from './table/spared.ts';
import type { ClientView } from './table/table-view.ts';

/** A client reached the limit of a rule. */
export interface Reached {
  readonly record: ClientRecord;
  readonly rule: CountingRule;
  readonly question: Question;
  /** ms; the moment at which the limit was reached */
  readonly at: number;
  /** the client's name in the event that did it */
  readonly name: string | undefined;
  /** what was known then */
  readonly share: Share;
}

/** Why a client is spared; undefined where this does not stand against its block. */
type Ground = (reached: Reached) => SpareReason | undefined;

/** How far a client is from a block by one rule. */
export interface RuleShare extends Share {
  readonly rule: string;
  /** events of the rule within its time */
  readonly count: number;
}

type Details = Pick<Block, 'evidence' | 'counts' | 'classes'>;

/** Clients judged in one call of `judgeDeferred`. */
const MAX_JUDGED = 250;

export class Judging {
  readonly #life: Lifecycle;
  readonly #deferred = new DeferredClients();
  readonly #onChange: (change: Change) => void;
  /** What can stand against a block. Asked in this order: the first that gives a reason spares the client. */
  readonly #grounds: readonly Ground[] = [
    ({ share }) => (share.isMet ? undefined : 'share'),
    ({ record, rule, at }) => (this.#isSparedByBreaker(record, rule, at) ? 'breaker' : undefined),
  ];

  constructor(life: Lifecycle, onChange: (change: Change) => void) {
    this.#life = life;
    this.#onChange = onChange;
  }

  /**
   * Starts the block, or the watched block, for which the event at `at` reached the limit, or spares the client; a block
   * that is known from the audit trail alone gets its details, and is not judged again.
   */
  judge(record: ClientRecord, rule: CountingRule, { at, name }: Pick<AbuseEvent, 'at' | 'name'>): void {
    if (record.events.length < rule.limit) return;
    const watch = watchOf(record, rule);
    const awaited = awaitedOf(record, rule, watch);
    if (awaited === undefined && !mayStart(record, rule, at)) return;
    const question = questionOf(record, rule, awaited === undefined ? watch : undefined);
    const since = filledAt(record.events, question, at);
    if (since === undefined) return;
    if (awaited === undefined && rule.enforce && this.#life.shared.decides)
      // The share that this host knows may be met where that of all hosts is not.
      this.#deferred.add(record.key, at, name);
    else if (awaited === undefined) this.#decide(record, rule, question, since, name);
    else if (rule.enforce || since === awaited.since)
      place(record, rule, {
        ...awaited,
        ...detailsOf(record, rule, question, awaited.since),
        ...named(name),
      });
  }

  /** The server has counted the events of a client up to `at` (ms). */
  decided(key: string, at: number): void {
    if (this.#deferred.size > 0) this.#deferred.decided(key, at);
  }

  /** Judges clients whose limits the server has not decided on, once it does not decide any more. @returns whether more wait */
  judgeDeferred(): boolean {
    if (this.#life.shared.decides || this.#deferred.size === 0) return false;
    const { table, terms } = this.#life;
    for (const [key, { from: at, name }] of this.#deferred.take(MAX_JUDGED)) {
      const record = table.get(key);
      if (record === undefined) continue;
      const enforced = terms.rules.rules.filter(({ enforce }) => enforce);
      table.update(record, () => {
        for (const rule of enforced) this.judge(record, rule, { at, name });
      });
      if (record.block !== undefined) this.#life.makeRoom(record.block.since);
    }
    return this.#deferred.size > 0;
  }

  clear(): void {
    this.#deferred.clear();
  }

  /** What is known at `now` (ms) of a client, for each rule. */
  sharesOf(client: ClientView, now: number): readonly RuleShare[] {
    return this.#life.terms.rules.rules.map((rule) => {
      const question = questionOf(client, rule, watchOf(client, rule));
      const count = countWithin(client.events, question, now);
      return { rule: rule.name, count, ...this.#shareAt(client, rule, question, now) };
    });
  }

  #decide(record: ClientRecord, rule: CountingRule, question: Question, at: number, name?: string): void {
    const reached = { record, rule, question, at, name, share: this.#shareAt(record, rule, question, at) };
    const reason = this.#reasonToSpare(reached);
    if (reason !== undefined) this.#spare(reached, reason);
    else if (!this.#wasAllowed(record, rule, at)) this.#start(reached);
  }

  #reasonToSpare(reached: Reached): SpareReason | undefined {
    for (const ground of this.#grounds) {
      const reason = ground(reached);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Whether an allow entry that was made since then would have ended the block. */
  #wasAllowed(record: ClientRecord, rule: CountingRule, at: number): boolean {
    const until = at + lengthAfter(record.former, rule, at);
    const allowed = this.#life.allowEntries.firstOver(record.key, at, until);
    if (allowed === undefined) return false;
    if (rule.enforce) {
      ignoreBefore(record, Math.max(allowed, at + 1));
      this.#life.good.restart(record.key);
    }
    return true;
  }

  #start({ record, rule, question, at, name: client }: Reached): void {
    const { name, limit: count, enforce: enforced } = rule;
    const until = at + lengthAfter(record.former, rule, at);
    const first = firstOf(record.events, question, at);
    const details = detailsOf(record, rule, question, at);
    record.spared = withoutSpared(record.spared, name);
    place(record, rule, newBlock({ rule: name, since: at, until, count, ...details, ...named(client) }));
    record.former = withFormer(record.former, rule, at);
    this.#life.expiries.add(record, until);
    const { classes } = details;
    const inStanding = this.#life.terms.breaker !== undefined && this.#isInStanding(record, rule, at);
    const more = { ...(classes && { classes }), ...(inStanding && { inStanding }) };
    this.#onChange({ type: 'block', ip: record.key, rule: name, at, until, first, count, enforced, ...more });
  }

  /** Counts the block for the breaker unless the client is spared. */
  #isSparedByBreaker(record: ClientRecord, rule: CountingRule, at: number): boolean {
    return this.#isInStanding(record, rule, at) && this.#life.breaker.spares(record.key, at);
  }

  /** Whether the breaker concerns a block of this client. */
  #isInStanding({ key }: ClientRecord, { enforce }: CountingRule, at: number): boolean {
    const { breaker, good } = this.#life;
    return enforce && (good.isInStanding(key, at) || good.isInStanding(key, breaker.standingAt(at)));
  }

  /** Reports it once in each `within` of the rule. */
  #spare({ record, rule, at, share: figures }: Reached, reason: SpareReason): void {
    const { name, within, enforce: enforced } = rule;
    const { bad, good, share } = figures;
    const known = sparedBy(record.spared, name);
    const before = known !== undefined && at < known.last + within ? known : undefined;
    const isDue = before === undefined || at >= before.reportedAt + within;
    record.spared = withSpared(record.spared, {
      rule: name,
      reason,
      since: before?.since ?? at,
      reportedAt: isDue ? at : before.reportedAt,
      last: Math.max(at, before?.last ?? 0),
      bad,
      good,
    });
    if (isDue)
      this.#onChange({ type: 'spared', ip: record.key, rule: name, at, reason, bad, good, share, enforced });
  }

  #shareAt(client: ClientView, { share, sort }: CountingRule, question: Question, at: number): Share {
    return shareAt(client, { ...question, share, sort }, this.#life.good, at);
  }
}

/** Nothing from before the floor of the client counts, nor from before the end of a watched block of the rule. */
function questionOf(
  { floor }: Pick<ClientView, 'floor'>,
  rule: CountingRule,
  watch: Pick<Watch, 'until'> | undefined,
): Question {
  const { mask, limit, within } = rule;
  return { mask, limit, within, floor: Math.max(floor, watch?.until ?? 0) };
}

function watchOf<W extends { readonly rule: string }>(
  { watches }: { readonly watches: readonly W[] | undefined },
  { name }: CountingRule,
): W | undefined {
  return watches?.find(({ rule }) => rule === name);
}

/** The block that a rule started, where it is known from the trail alone; the log has nothing about one by hand. */
function awaitedOf({ block }: ClientRecord, rule: CountingRule, watch: Watch | undefined): Block | undefined {
  const begun = rule.enforce ? block : watch?.ended ? undefined : watch;
  const isOurs = begun?.rule === rule.name && begun.hand === undefined;
  return isOurs && isAwaited(begun) ? begun : undefined;
}

/** A block that started before one that runs is in the trail already. */
function mayStart({ block, grace }: ClientRecord, rule: CountingRule, at: number): boolean {
  return block === undefined && (!rule.enforce || at >= grace);
}

/** What is known of the events that led to a block. */
function detailsOf(record: ClientRecord, rule: CountingRule, question: Question, since: number): Details {
  const { events, evidence } = record;
  return {
    ...evidenceFor(rule, evidence, since),
    counts: countsOf(events),
    ...classesOf(events, question, since),
  };
}

function named(name: string | undefined): Pick<Block, 'name'> {
  return name === undefined ? {} : { name: own(name) };
}

/** Puts a block, or a watched block, in its place. */
function place(record: ClientRecord, rule: CountingRule, block: Block): void {
  if (rule.enforce) {
    startBlock(record, block);
  } else {
    const others = record.watches?.filter((candidate) => candidate.rule !== rule.name) ?? [];
    record.watches = [...others, { ended: false, ...block }];
  }
}
