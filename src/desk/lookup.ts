// What is known of blocks and clients, as list and show answer it. Changes nothing; now is a parameter.

import type { Blocks } from '../blocks/blocks.ts';
import { newestOf } from '../blocks/events/window.ts';
import type { BareBlock } from '../blocks/table/block.ts';
import { evidenceIn, mailsIn } from '../blocks/table/note-forms.ts';
import type { BlockView } from '../blocks/table/table-view.ts';
import type { Trouble } from '../health/status.ts';
import { messageText } from '../policy/verdict.ts';
import type { AuditEntry } from '../state/audit.ts';
import { isoText, isoTextOf } from '../values/iso-time.ts';
import type {
  AllowedAnswer,
  GracesAnswer,
  ListAnswer,
  ListedBlock,
  ShowAnswer,
  ShownAllow,
  ShownBlock,
  SparedAnswer,
} from './answers.ts';
import { listedAllowEntries, listedGraces } from './by-hand.ts';
import { keyOf } from './request-values.ts';
import { countsOf, listedSpared, sparedOf, unknownClient } from './spared.ts';

/** What answers hold beside the blocks. */
export interface LookupContext {
  /** Lines of the audit trail, newest first. */
  history(keys: readonly string[], max: number): Promise<readonly AuditEntry[]>;
  /** The troubles of the daemon, where one is running. */
  trouble?(): readonly Trouble[];
}

const MAX_EVIDENCE = 10;
const MAX_HISTORY = 20;
const MAX_BLOCKS_LISTED = 100_000;

export class Lookup {
  readonly #blocks: Blocks;
  readonly #context: LookupContext;

  constructor(blocks: Blocks, context: LookupContext) {
    this.#blocks = blocks;
    this.#context = context;
  }

  list(isWatching: boolean, now: number): ListAnswer {
    const blocks: ListedBlock[] = [];
    for (const { key, block, watches = [] } of this.#blocks.table.pinnedRecords()) {
      if (blocks.length >= MAX_BLOCKS_LISTED) break;
      const wanted = isWatching ? watches.filter(({ ended }) => !ended) : block === undefined ? [] : [block];
      for (const one of wanted) if (now < one.until) blocks.push(listed(key, one, !isWatching));
    }
    return { at: isoText(now), source: 'daemon', trouble: this.#trouble, blocks };
  }

  spared(now: number): SparedAnswer {
    const spared = listedSpared(this.#blocks, now);
    return { at: isoText(now), source: 'daemon', trouble: this.#trouble, spared };
  }

  async graces(now: number): Promise<GracesAnswer> {
    const graces = await listedGraces(this.#blocks, now, (keys, max) => this.#context.history(keys, max));
    return { at: isoText(now), source: 'daemon', trouble: this.#trouble, graces };
  }

  allowed(now: number): AllowedAnswer {
    const allowed = listedAllowEntries(this.#blocks, now);
    return { at: isoText(now), source: 'daemon', trouble: this.#trouble, allowed };
  }

  async show(ip: string, now: number): Promise<ShowAnswer> {
    const shown = this.showWithoutHistory(ip, now);
    const history = await this.#context.history([shown.key, ip], MAX_HISTORY);
    return { ...shown, history: [...history].reverse().map((entry) => ({ ...entry })) };
  }

  /** What the tables know: no file is read. */
  showWithoutHistory(ip: string, now: number): Omit<ShowAnswer, 'history'> {
    const record = this.#blocks.recordOf(ip);
    const key = record?.key ?? keyOf(ip, this.#blocks.terms);
    const client = record ?? unknownClient(key);
    const { events, block, watches = [], grace } = client;
    const lastGood = this.#blocks.lastGood(key, now);
    const counted = events.length === 0 ? null : isoText(newestOf(events));
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
      spared: sparedOf(this.#blocks, client, now),
      counts: countsOf(this.#blocks, client, now),
      evidence: current === null ? evidenceIn(client.evidence).slice(-MAX_EVIDENCE) : [],
      lastAbuse: (block && newestAbuse(block)) ?? counted,
      graceUntil: grace > now ? isoText(grace) : null,
      allowed: allowedBy(this.#blocks, ip),
      lastGood: isoTextOf(lastGood) ?? null,
    };
  }

  get #trouble(): readonly Trouble[] {
    return this.#context.trouble?.() ?? [];
  }

  #shown(key: string, block: BlockView, isEnforced: boolean): ShownBlock {
    return {
      ...listed(key, block, isEnforced),
      text: this.#textOf(key, block),
      passes: this.#blocks.terms.rules.named(block.rule)?.passes ?? null,
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
}

/** The newest abuse of a blocked client: that which started the block, or came since. Null for a block by hand alone. */
export function newestAbuse({ since, hand, lastAbuse = 0 }: BareBlock): string | null {
  const last = Math.max(hand === undefined ? since : 0, lastAbuse);
  return last === 0 ? null : isoText(last);
}

/** The newest mail that a block refused. */
export function newestRefusal({ refused, lastRefused }: BareBlock): string | null {
  return refused === 0 ? null : isoText(lastRefused);
}

/** The allow entry that covers an address. */
export function allowedBy(blocks: Blocks, ip: string): ShownAllow | null {
  const entry = blocks.terms.allow.entryFor(ip);
  if (entry !== undefined) return { entry, until: null, by: null, reason: null };
  const byHand = blocks.allowEntries.covering(ip);
  if (byHand === undefined) return null;
  return { entry: byHand.entry, until: isoText(byHand.until), by: byHand.hand.by, reason: byHand.hand.why };
}

function listed(ip: string, block: BlockView, isEnforced: boolean): ListedBlock {
  return {
    ip,
    name: block.name ?? null,
    rule: block.rule,
    enforced: isEnforced,
    since: isoText(block.since),
    until: isoText(block.until),
    count: block.count,
    refused: block.refused,
    lastRefused: newestRefusal(block),
    by: block.hand?.by ?? null,
    reason: block.hand?.why ?? null,
  };
}
