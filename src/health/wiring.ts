// The troubles with the wiring of Postfix: it does not ask at all, or a service of it does not refuse blocked clients.

import { AllowList } from '../blocks/allow.ts';
import type { AllowEntriesView } from '../blocks/allow-entries.ts';
import type { Blocks, Refused } from '../blocks/blocks.ts';
import { KEYWORD_NETWORKS } from '../config/fields/allow-fields.ts';
import type { HostNames } from '../config/host-names.ts';
import type { Fact, MessageFact, RejectFact } from '../maillog/postfix/fact.ts';
import type { Uncounted } from '../maillog/postfix/uncounted.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { own } from '../values/detached-string.ts';
import { MINUTE } from '../values/duration.ts';
import { AskWatch } from './ask-watch.ts';
import { Connections, tagOf } from './connections.ts';
import { EnforcementWatch, type Served } from './enforcement-watch.ts';
import type { Troubles } from './troubles.ts';
import { unaskedText, unenforcedText } from './wiring-text.ts';

/** ms for which a line may be read late, and by which a connection must be newer than the block that it ignores */
const MARGIN = MINUTE;

/** Messages from blocked clients that are received at a time. */
const MAX_UNDECIDED = 256;

/** This host and its own networks, whatever the allow list says. */
const INTERNAL = new AllowList(
  [KEYWORD_NETWORKS.loopback, KEYWORD_NETWORKS.private].flatMap((networks = []) => networks),
);

/** What the blocks know of a client. */
export interface BlockLookup {
  readonly allowEntries: Pick<AllowEntriesView, 'covering'>;
  readonly terms: Pick<Blocks['terms'], 'allow'>;
  refusing(address: string, nameOf: () => string | undefined, now: number): Refused | undefined;
}

type LoginFact = Extract<Fact, { type: 'auth-failure' }>;

export class Wiring {
  readonly #troubles: Pick<Troubles, 'set'>;
  readonly #connections = new Connections();
  readonly #asks: AskWatch;
  readonly #enforcement = new EnforcementWatch();
  /** by process: counts the message that it receives from a blocked client */
  readonly #undecided = new Map<string, () => void>();
  /** ms since 1970; connections from before may have been served by other blocks or another allow list */
  #settled: number;

  /** @param started ms since 1970 */
  constructor(troubles: Pick<Troubles, 'set'>, started: number) {
    this.#troubles = troubles;
    this.#asks = new AskWatch(started);
    this.#settled = started;
  }

  /** Lines of other hosts do not count. */
  know(names: HostNames): void {
    this.#connections.know(names);
  }

  asked(request: { readonly instance: string }): void {
    this.#asks.asked(request);
  }

  /** The policy was reloaded, or an allow entry was made or ended. @param now ms since 1970 */
  changed(now: number): void {
    this.#settled = now;
  }

  /**
   * @param uncounted why no rule counts the record
   * @param now ms since 1970
   */
  read(
    record: LogRecord,
    fact: Fact,
    uncounted: Uncounted | undefined,
    blocks: BlockLookup,
    now: number,
  ): void {
    if (record.program !== 'smtpd') return;
    // What is read late may be older than blocks that the clock says are newer.
    if (now - record.at > MARGIN) this.#settled = now;
    const began = this.#connections.beganAt(record.process);
    this.#connections.read(record, fact);
    if (began === undefined) return;
    if (fact.type === 'disconnect' || fact.type === 'message') this.#decide(record.process);
    if (fact.type === 'message') this.#accepted(record, fact, began, blocks, now);
    else if (fact.type === 'auth-failure') {
      if (this.#isIgnored(fact, began, blocks, now)) this.#serve('login', record, fact);
    } else if (fact.type === 'reject' && uncounted === 'own-refusal') this.#refused(record, fact);
  }

  /** Sets both troubles. Call it about once a second. @param isAtEnd all of the log has been read */
  look(isAtEnd: boolean, now: number): void {
    // The clock may have been set back.
    this.#settled = Math.min(this.#settled, now);
    const unasked = this.#asks.look(now, isAtEnd);
    this.#troubles.set('not-asked', unasked && unaskedText(unasked), now);
    const unenforced = this.#enforcement.look(now);
    const reason = unenforced.length === 0 ? undefined : unenforcedText(unenforced);
    this.#troubles.set('not-enforced', reason, now);
  }

  /** smtpd logs `client=` for the first recipient that it accepts: the message may still be refused at its end. */
  #accepted(record: LogRecord, fact: MessageFact, began: number, blocks: BlockLookup, now: number): void {
    const { process, at } = record;
    this.#asks.accepted(fact, at, began, tagOf(process), () => isAllowed(fact, blocks));
    // What a content filter returns was judged when it came in.
    if (fact.origin !== undefined || fact.isRequeued || !this.#isIgnored(fact, began, blocks, now)) return;
    if (this.#undecided.size >= MAX_UNDECIDED) this.#undecided.clear();
    this.#undecided.set(own(process), () => this.#serve('accepted', record, fact));
  }

  /** The message of a process that was not refused by now is accepted. */
  #decide(process: string): void {
    this.#undecided.get(process)?.();
    this.#undecided.delete(process);
  }

  #refused({ process, at }: LogRecord, { stage }: RejectFact): void {
    if (stage !== 'RCPT') this.#undecided.delete(process);
    this.#enforcement.refused(tagOf(process), at, stage === 'CONNECT');
  }

  #serve(served: Served, { process, at }: LogRecord, { client }: MessageFact | LoginFact): void {
    this.#enforcement.served(tagOf(process), served, client.address, at);
  }

  /** Whether a connection should have been refused: its client had been blocked for a while when it began. */
  #isIgnored(fact: MessageFact | LoginFact, began: number, blocks: BlockLookup, now: number): boolean {
    if (began <= this.#settled + MARGIN) return false;
    const { address, name } = fact.client;
    const refused = blocks.refusing(address, () => name, now);
    if (refused === undefined || began <= refused.block.since + MARGIN) return false;
    const isLoggedIn = fact.type === 'message' && fact.user !== undefined;
    return !(isLoggedIn && refused.rule.passes === 'authenticated');
  }
}

/** Whether no rule blocks the client, or Postfix may well permit it before it asks. */
function isAllowed(
  { client: { address, name } }: MessageFact,
  { terms, allowEntries }: BlockLookup,
): boolean {
  if (INTERNAL.coversAddress(address) || terms.allow.covers(address, name)) return true;
  return allowEntries.covering(address) !== undefined;
}
