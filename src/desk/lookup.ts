// What is known of blocks and clients, as list and show answer it. Changes nothing; now is a parameter.

import type { Blocks } from '../blocks/blocks.ts';
import { evidenceIn, mailsIn } from '../blocks/table/note-forms.ts';
import type { BlockView } from '../blocks/table/table-view.ts';
import type { Trouble } from '../health/status.ts';
import { messageText } from '../policy/verdict.ts';
import type { AuditEntry } from '../state/audit.ts';
import { isoText, isoTextOf } from '../values/iso-time.ts';
import type { ListAnswer, ListedBlock, ShowAnswer, ShownAllow, ShownBlock, SparedAnswer } from './answers.ts';
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

  async show(ip: string, now: number): Promise<ShowAnswer> {
    const record = this.#blocks.recordOf(ip);
    const key = record?.key ?? keyOf(ip, this.#blocks.terms);
    const client = record ?? unknownClient(key);
    const { block, watches = [], grace } = client;
    const lastGood = this.#blocks.lastGood(key, now);
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
      graceUntil: grace > now ? isoText(grace) : null,
      allowed: allowedBy(this.#blocks, ip),
      lastGood: isoTextOf(lastGood) ?? null,
      history: [...(await this.#context.history([key, ip], MAX_HISTORY))]
        .reverse()
        .map((entry) => ({ ...entry })),
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
