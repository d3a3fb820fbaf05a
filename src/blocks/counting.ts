// The counting of events: abuse is added to the window of its client, an own refusal to the block that caused it.

import type { Change } from './changes.ts';
import { afterLogin, withAbuse } from './counted.ts';
import { codeOfEvent, FORGIVEN } from './events/codes.ts';
import {
  type AbuseEvent,
  type GoodEvent,
  isGood,
  type LogEvent,
  type Login,
  type Refusal,
} from './events/event.ts';
import { FAILURE } from './events/failures.ts';
import { addEvidence, addRefusal, isNear, removeEvidence } from './evidence.ts';
import type { Judging } from './judging.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Lookup } from './lookup.ts';
import { ProxyWatch } from './proxy-watch.ts';
import { bringBack } from './record/clock-change.ts';
import type { CountingRule, RuleSet } from './rules.ts';
import { isAwaited } from './table/block.ts';
import type { ClientRecord } from './table/record.ts';
import { needsGood } from './terms.ts';

/** The key and the code under which an event counts. */
export interface Tally {
  readonly key: string;
  /** of abuse; undefined for what a client did well */
  readonly code: number | undefined;
}

/** `take` and `tallyOf` are those of `Blocks`, described there. */
export class Counting {
  readonly #life: Lifecycle;
  readonly #lookup: Lookup;
  readonly #judging: Judging;
  readonly #proxyWatch: ProxyWatch;
  readonly #onChange: (change: Change) => void;

  constructor(life: Lifecycle, lookup: Lookup, judging: Judging, onChange: (change: Change) => void) {
    this.#life = life;
    this.#lookup = lookup;
    this.#judging = judging;
    this.#proxyWatch = new ProxyWatch(life, onChange);
    this.#onChange = onChange;
  }

  take(event: LogEvent, now: number): void {
    const key = this.#lookup.keyOf(event.address);
    if (key === undefined) return;
    this.#life.good.bringBack(key, now);
    if (event.kind === 'refusal') this.#refuse(event);
    else if (isGood(event)) this.#credit(key, event);
    else this.#count(key, event, now);
  }

  tallyOf(event: AbuseEvent | GoodEvent, now: number): Tally | undefined {
    const { address, name, at } = event;
    const key = this.#lookup.keyOf(address);
    if (key === undefined) return undefined;
    const { allowEntries, terms } = this.#life;
    const code = isGood(event) ? undefined : codeOfEvent(event);
    const isCounted = code === undefined ? needsGood(terms) : terms.rules.counting(code).some(isEnforced);
    if (!isCounted || allowEntries.covered(address, at, now) || terms.allow.covers(address, name))
      return undefined;
    return { key, code };
  }

  #refuse(event: Refusal): void {
    const record = this.#lookup.find(
      event.address,
      ({ block }) => block !== undefined && event.at >= block.since,
    );
    const block = record?.block;
    if (record === undefined || block === undefined) return;
    if (event.at >= block.until) {
      this.#life.settle(record, event.at);
      return;
    }
    const mail = this.#life.table.update(record, () => addRefusal(block, event, this.#life.table.notes));
    // The record went to the end of the queue: a pass over all pinned records might not reach it again.
    if (this.#life.recheck.isRunning) this.#life.settle(record, event.at);
    const { rule } = block;
    this.#onChange({ type: 'refused', ip: record.key, rule, at: event.at, mail });
  }

  #count(key: string, event: AbuseEvent, now: number): void {
    const code = this.#codeOf(key, event);
    const rules = this.#life.terms.rules.counting(code);
    if (rules.length === 0) return;
    const known = this.#life.table.get(key);
    if (known !== undefined) bringBack(this.#life, known, now);
    if (this.#isOutOfCount(event, key, known)) return;
    const { address, name, at } = event;
    if (this.#life.allowEntries.covered(address, at, now)) return;
    const { allow } = this.#life.terms;
    if (allow.covers(address, name)) {
      if (allow.coversOnlyByPrivate(address, name)) this.#proxyWatch.take(key, event, code, rules, now);
      return;
    }
    const record = known ?? this.#life.table.add(key);
    const { pinnedWeight } = this.#life.table;
    this.#life.table.update(record, () => {
      this.#add(record, event, code);
      if (isNear(record.events, rules, this.#life.shared.isOn))
        addEvidence(record, event, this.#life.table.notes);
      for (const rule of rules) this.#judging.judge(record, rule, event);
    });
    if (this.#life.table.pinnedWeight > pinnedWeight) this.#life.makeRoom(event.at);
  }

  /** A failure before a login of its user is forgiven, also where it is read after that. */
  #codeOf(key: string, event: AbuseEvent): number {
    const code = codeOfEvent(event);
    const { user, at } = event;
    if (code !== FAILURE || user === undefined || !this.#life.terms.rules.forgives) return code;
    return this.#life.good.lastLogin(key, user) >= at ? FORGIVEN : code;
  }

  #add(record: ClientRecord, event: AbuseEvent, code: number): void {
    const { rules } = this.#life.terms;
    const { events, failures } = withAbuse(record, event, code, rules, wholeCodes(record, event.at, rules));
    record.events = events;
    record.failures = failures;
  }

  /**
   * Counts what a client did well. Counts from before the end of a block do not count, and the end sets them to zero; what
   * tells that a client is in good standing holds also then, so that reading a log twice changes nothing.
   */
  #credit(key: string, event: GoodEvent): void {
    const { good, table, terms } = this.#life;
    if (!needsGood(terms)) return;
    const record = table.get(key);
    if (record !== undefined) this.#life.settle(record, event.at);
    if (event.kind === 'login') this.#login(key, event, record);
    else if (event.at >= (record?.floor ?? 0)) {
      if (event.kind === 'ended-connection') good.ended(key, event.at);
      else good.accepted(key, event.at, event.recipients);
    } else if (event.kind === 'accepted-message') good.stand(key, event.at);
  }

  #login(key: string, { at, user }: Login, record: ClientRecord | undefined): void {
    const { good, table, terms } = this.#life;
    good.loggedIn(key, at, user);
    if (user === undefined || !terms.rules.forgives) return;
    this.#proxyWatch.forgive(key, user, at);
    const after = record && afterLogin(record, user, at, terms.rules);
    if (record === undefined || after === undefined) return;
    const { events, failures, times } = after;
    if (events.length === 0 && record.isOnlyCounted) table.remove(record);
    else
      table.update(record, () => {
        record.events = events;
        record.failures = failures;
        removeEvidence(record, times);
      });
  }

  /** Whether the client is blocked at the time of the event, or has been since, under any IPv6 prefix. */
  #isOutOfCount({ address, at }: AbuseEvent, key: string, known: ClientRecord | undefined): boolean {
    if (known !== undefined && this.#isOut(known, at)) {
      this.#remember(known, at);
      return at < known.floor || known.block === undefined || !isAwaited(known.block);
    }
    if (this.#lookup.isOnePrefix || !key.includes(':')) return false;
    return this.#lookup.find(address, (record) => this.#isOut(record, at)) !== undefined;
  }

  /** Abuse of a blocked client is not counted; that it goes on matters to whoever ends the block. */
  #remember(record: ClientRecord, at: number): void {
    const { block } = record;
    if (block === undefined || at <= (block.lastAbuse ?? block.since)) return;
    this.#life.table.update(record, () => {
      block.lastAbuse = at;
    });
  }

  #isOut(record: ClientRecord, at: number): boolean {
    this.#life.settle(record, at);
    return at < record.floor || record.block !== undefined;
  }
}

function isEnforced({ enforce }: CountingRule): boolean {
  return enforce;
}

/** Bit set of the codes of which all events count: a client is over the limit of their rules, and perhaps not blocked. */
function wholeCodes({ grace, spared }: ClientRecord, at: number, rules: RuleSet): number {
  let codes = 0;
  // Support sees how far beyond its limit a client in grace is. After it the share is asked of all that happened in it.
  if (at < grace) codes = rules.codes;
  else if (grace > 0 && at < grace + rules.longest) codes = rules.sharedCodes;
  for (const { rule: name, last } of spared ?? []) {
    const rule = rules.named(name);
    // Also where it is spared no longer and nobody has noticed yet.
    if (rule !== undefined && at < last + rule.within) codes |= rule.mask;
  }
  return codes;
}
