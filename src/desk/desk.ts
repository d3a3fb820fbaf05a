// The support desk: what each command asks of the blocks or does to them. Knows no socket; now is a parameter.

import { parseNetwork } from '../blocks/allow.ts';
import { MAX_ALLOW_ENTRIES } from '../blocks/allow-entries.ts';
import type { Blocks } from '../blocks/blocks.ts';
import { countWithin } from '../blocks/events/window.ts';
import { evidenceIn, mailsIn } from '../blocks/table/note-forms.ts';
import type { ManualAction } from '../blocks/table/record.ts';
import type { BlockView, ClientView } from '../blocks/table/table-view.ts';
import type { Trouble } from '../health/status.ts';
import { messageText } from '../policy/verdict.ts';
import type { AuditEntry } from '../state/audit.ts';
import { clientKey } from '../values/address.ts';
import { DAY } from '../values/duration.ts';
import { isoText } from '../values/iso-time.ts';
import type {
  DoneAnswer,
  ListAnswer,
  ListedBlock,
  ShowAnswer,
  ShownAllow,
  ShownBlock,
  ShownCount,
} from './answers.ts';
import { type ControlRequest, DeskError } from './protocol.ts';

/** What the desk needs of the state directory. */
export interface Records {
  /** Resolves when what was done is on disk. */
  flush(): Promise<void>;
  /** Lines of the audit trail, newest first. */
  history(keys: readonly string[], most: number): Promise<readonly AuditEntry[]>;
  /** What is wrong with the daemon, where one is running. */
  trouble?(): readonly Trouble[];
}

const MOST_HISTORY = 20;
const MOST_REASON = 200;
const MOST_DURATION = 366 * DAY;
const MOST_BLOCKS_LISTED = 100_000;

export class Desk {
  readonly #blocks: Blocks;
  readonly #records: Records;

  constructor(blocks: Blocks, records: Records) {
    this.#blocks = blocks;
    this.#records = records;
  }

  /**
   * @param now ms since 1970
   * @throws DeskError
   */
  async answer(request: ControlRequest, now: number): Promise<unknown> {
    switch (request.command) {
      case 'list':
        return this.list(request.watching ?? false, now);
      case 'show':
        return { ...(await this.show(ipOf(request), now)), ip: request.ip };
      case 'unblock':
        return await this.#recorded(this.#unblock(request, now));
      case 'block':
        return await this.#recorded(this.#block(request, now));
      case 'allow':
        return await this.#recorded(this.#allow(request, now));
      case 'disallow':
        return await this.#recorded(this.#disallow(request, now));
      default:
        throw new DeskError(
          'bad-request',
          `${request.command satisfies 'status' | 'tail'} is not answered here`,
        );
    }
  }

  list(isWatching: boolean, now: number): ListAnswer {
    const blocks: ListedBlock[] = [];
    for (const { key, block, watches = [] } of this.#blocks.table.pinnedRecords()) {
      if (blocks.length >= MOST_BLOCKS_LISTED) break;
      const wanted = isWatching ? watches.filter(({ ended }) => !ended) : block === undefined ? [] : [block];
      for (const one of wanted) if (now < one.until) blocks.push(listed(key, one, !isWatching));
    }
    return { at: isoText(now), source: 'daemon', trouble: this.#trouble, blocks };
  }

  async show(ip: string, now: number): Promise<ShowAnswer> {
    const record = this.#blocks.recordOf(ip);
    const key = record?.key ?? this.#keyOf(ip);
    const { block, watches = [], grace = 0 } = record ?? {};
    const current = block !== undefined && now < block.until ? this.#shown(key, block, true) : null;
    return {
      at: isoText(now),
      source: 'daemon',
      trouble: this.#trouble,
      ip,
      key,
      block: current,
      watching: watches
        .filter((w) => !w.ended && now < w.until)
        .map((watch) => this.#shown(key, watch, false)),
      counts: this.#counts(record, now),
      graceUntil: grace > now ? isoText(grace) : null,
      allowed: this.#allowedBy(ip),
      history: [...(await this.#records.history([key, ip], MOST_HISTORY))]
        .reverse()
        .map((entry) => ({ ...entry })),
    };
  }

  get #trouble(): readonly Trouble[] {
    return this.#records.trouble?.() ?? [];
  }

  /** @throws DeskError where it is no address */
  #keyOf(ip: string): string {
    const { ipv6Prefix, nat64 } = this.#blocks.terms;
    const key = clientKey(ip, ipv6Prefix, nat64);
    if (key === undefined)
      throw new DeskError('bad-ip', `${JSON.stringify(ip.slice(0, 60))} is no IP address`);
    return key;
  }

  #counts(record: ClientView | undefined, now: number): readonly ShownCount[] {
    return this.#blocks.terms.rules.rules.map(({ name, enforce, mask, limit, within }) => {
      const floor = record?.floor ?? 0;
      const count = countWithin(record?.events ?? [], { mask, limit, within, floor }, now);
      return { rule: name, enforced: enforce, count, limit, within: within / 1000 };
    });
  }

  #allowedBy(ip: string): ShownAllow | null {
    const entry = this.#blocks.terms.allow.entryFor(ip);
    if (entry !== undefined) return { entry, until: null, by: null, reason: null };
    const byHand = this.#blocks.allowEntries.covering(ip);
    if (byHand === undefined) return null;
    return { entry: byHand.entry, until: isoText(byHand.until), by: byHand.hand.by, reason: byHand.hand.why };
  }

  #shown(key: string, block: BlockView, isEnforced: boolean): ShownBlock {
    return {
      ...listed(key, block, isEnforced),
      text: this.#textOf(key, block),
      firstRefused: block.refused === 0 ? null : isoText(block.firstRefused),
      evidence: evidenceIn(block.evidence),
      counts: { ...block.counts },
      classes: { ...block.classes },
      mails: mailsIn(block.mails).map(({ stage = '', ...mail }) => ({ stage, ...mail })),
    };
  }

  /** What the client reads: the rule's text as it is now, with its places filled in. */
  #textOf(ip: string, block: BlockView): string | null {
    const rule = this.#blocks.terms.rules.named(block.rule);
    return rule === undefined ? null : messageText({ rule, block }, ip);
  }

  #unblock(request: ControlRequest, now: number): DoneAnswer {
    const ip = ipOf(request);
    const key = this.#blocks.recordOf(ip)?.key ?? this.#keyOf(ip);
    const grace = request.duration === undefined ? undefined : now + durationOf(request);
    const ended = this.#blocks.lift(ip, now, manualActionOf(request), grace);
    if (ended.length === 0 && grace === undefined) throw new DeskError('not-blocked', `${ip} is not blocked`);
    const done = ended.map(({ rule }) => ({ what: 'unblocked', ip: key, rule, until: null }));
    const given = grace === undefined ? [] : [{ what: 'grace', ip: key, rule: null, until: isoText(grace) }];
    return { at: isoText(now), done: [...done, ...given] };
  }

  #block(request: ControlRequest, now: number): DoneAnswer {
    const ip = ipOf(request);
    const key = this.#keyOf(ip);
    const { rule = '' } = request;
    const names = this.#blocks.terms.rules.rules.map(({ name }) => name);
    if (!names.includes(rule)) {
      throw new DeskError(
        'unknown-rule',
        `there is no rule ${JSON.stringify(rule)}; the policy has ${names.join(', ')}`,
      );
    }
    const allowed = this.#allowedBy(ip);
    if (allowed !== null)
      throw new DeskError('not-allowed', `${ip} is on the allow list, by ${allowed.entry}`);
    const until = now + durationOf(request);
    if (!this.#blocks.impose(ip, rule, now, until, manualActionOf(request))) {
      throw new DeskError('already-blocked', `${ip} is blocked already`);
    }
    return { at: isoText(now), done: [{ what: 'blocked', ip: key, rule, until: isoText(until) }] };
  }

  #allow(request: ControlRequest, now: number): DoneAnswer {
    const entry = networkOf(request);
    const until = now + durationOf(request);
    if (!this.#blocks.allow({ entry, at: now, until, hand: manualActionOf(request) })) {
      throw new DeskError('too-many', `there are ${MAX_ALLOW_ENTRIES} such entries already`);
    }
    return { at: isoText(now), done: [{ what: 'allowed', ip: entry, rule: null, until: isoText(until) }] };
  }

  #disallow(request: ControlRequest, now: number): DoneAnswer {
    const entry = networkOf(request);
    if (!this.#blocks.disallow(entry, now, manualActionOf(request))) {
      throw new DeskError(
        'not-allowed',
        `${entry} was not allowed by hand; entries of policy.yml are changed there`,
      );
    }
    return { at: isoText(now), done: [{ what: 'disallowed', ip: entry, rule: null, until: null }] };
  }

  /** What was done by hand stands in no mail log: it is on disk before the command says so. */
  async #recorded(answer: DoneAnswer): Promise<DoneAnswer> {
    try {
      await this.#records.flush();
      return answer;
    } catch (error) {
      throw new DeskError('not-recorded', `done, but not on disk yet: ${(error as Error).message}`);
    }
  }
}

function listed(ip: string, block: BlockView, isEnforced: boolean): ListedBlock {
  return {
    ip,
    rule: block.rule,
    enforced: isEnforced,
    since: isoText(block.since),
    until: isoText(block.until),
    count: block.count,
    refused: block.refused,
    lastRefused: block.refused === 0 ? null : isoText(block.lastRefused),
    by: block.hand?.by ?? null,
    reason: block.hand?.why ?? null,
  };
}

function ipOf({ ip }: ControlRequest): string {
  if (ip === undefined) throw new DeskError('bad-request', 'no IP address given');
  const address = addressOf(ip);
  if (clientKey(address, 64, []) === undefined) {
    throw new DeskError('bad-ip', `${JSON.stringify(ip.slice(0, 60))} is no IP address`);
  }
  return address;
}

/** A blocked IPv6 network is copied from `list` with its prefix; its first address stands for it. */
export function addressOf(ip: string): string {
  return ip.includes(':') ? (ip.split('/', 1)[0] ?? ip) : ip;
}

function networkOf({ ip = '' }: ControlRequest): string {
  if (parseNetwork(ip) === undefined) {
    throw new DeskError('bad-ip', `${JSON.stringify(ip.slice(0, 60))} is no address and no network`);
  }
  return ip.toLowerCase();
}

function durationOf({ duration = 0 }: ControlRequest): number {
  if (duration > 0 && duration <= MOST_DURATION) return Math.ceil(duration);
  throw new DeskError('bad-request', 'a duration is needed, from 1s to 366d');
}

function manualActionOf({ by = '', reason = '' }: ControlRequest): ManualAction {
  const why = reason.trim();
  if (why === '' || why.length > MOST_REASON) {
    throw new DeskError('bad-request', `a reason is needed, ${MOST_REASON} characters at most`);
  }
  return { by: by.slice(0, 64) || 'unknown', why };
}
