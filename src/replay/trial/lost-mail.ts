// Finds the mail that a policy would have lost: Postfix accepted it from a client while a trial blocks that client.

import type { Terms } from '../../blocks/terms.ts';
import type { MessageFact } from '../../maillog/postfix/fact.ts';
import type { LogRecord } from '../../maillog/syslog/record.ts';
import { clientKey } from '../../values/address.ts';
import type { ClientTally } from '../report/client-tally.ts';
import type { Clients } from '../report/clients.ts';
import { CostLedger } from '../report/cost.ts';
import { type AcceptedMail, type Arrival, acceptedMail, Mails } from '../report/mails.ts';
import type { Cost } from '../report/report.ts';
import type { TimelineCounts } from '../report/timeline.ts';
import type { TrialTally } from './trial-tally.ts';
import type { RulesByTrial, Trials } from './trials.ts';

const LOOPBACK = /^(?:127\.|::1$)/;

/** Where the mail that is found is counted. */
export interface MailCounts {
  readonly clients: Clients;
  readonly timeline: TimelineCounts;
}

export class LostMailFinder {
  readonly #terms: Terms;
  readonly #trials: Trials;
  readonly #clients: Clients;
  readonly #timeline: TimelineCounts;
  readonly #mails = new Mails();
  /** the rules that block the client when its mail begins */
  readonly #atArrival = new WeakMap<Arrival, RulesByTrial>();
  readonly #cost = new CostLedger();

  constructor(terms: Terms, trials: Trials, { clients, timeline }: MailCounts) {
    this.#terms = terms;
    this.#trials = trials;
    this.#clients = clients;
    this.#timeline = timeline;
  }

  /** Whether the log has lines of qmgr(8): no other program logs what Postfix accepts. */
  get isKnown(): boolean {
    return this.#cost.isKnown;
  }

  get report(): Cost {
    return this.#cost.report(this.#clients);
  }

  /** Takes the line with which smtpd begins a mail. */
  arrive(record: LogRecord, queueId: string, fact: MessageFact): void {
    const arrival = this.#mails.arrive(record, queueId, fact);
    const ip = arrival && this.#keyOf(arrival.address);
    if (arrival === undefined || ip === undefined) return;
    const rules = this.#rulesBlocking(arrival, ip, record.at);
    if (rules !== undefined) this.#atArrival.set(arrival, rules);
  }

  /** Takes a line of qmgr(8) or of a delivery agent. */
  follow(record: LogRecord): void {
    this.#cost.isKnown ||= record.program === 'qmgr';
    const arrival = this.#mails.follow(record);
    if (arrival === undefined || LOOPBACK.test(arrival.address)) return;
    const ip = this.#keyOf(arrival.address);
    if (ip === undefined) return;
    const client = this.#clients.of(ip, arrival.name);
    client.accepted++;
    this.#cost.accepted++;
    this.#timeline.accept(record.at);
    this.#countLoss(arrival, record, client);
  }

  /** A mail is lost where a block is in force at its first recipient or at the end of its data. */
  #countLoss(arrival: Arrival, record: LogRecord, client: ClientTally): void {
    const before = this.#atArrival.get(arrival);
    const after = this.#rulesBlocking(arrival, client.ip, record.at);
    if (before === undefined && after === undefined) return;
    for (const [i, tally] of this.#trials.all.entries()) {
      const blocking = [...new Set([...(before?.[i] ?? []), ...(after?.[i] ?? [])])];
      const rules = blocking.filter((rule) => !isPassed(arrival, tally, rule));
      for (const rule of rules) tally.tallyOf(rule)?.lose(client.ip);
      const refusing = rules.find((rule) => this.#trials.isRefused([rule]));
      if (refusing === undefined) {
        if (tally === this.#trials.policy && this.#trials.isRefused(blocking)) this.#cost.passed++;
        continue;
      }
      if (tally === this.#trials.policy) this.#lose(acceptedMail(arrival, record), client, refusing);
      else if (tally === this.#trials.without) this.#loseWithout(client);
    }
  }

  #lose(mail: AcceptedMail, client: ClientTally, rule: string): void {
    this.#timeline.lose(mail.acceptedAt);
    this.#cost.lose(mail, client, rule, (onDelivered) => this.#mails.await(mail, onDelivered));
  }

  #loseWithout(client: ClientTally): void {
    client.lostWithout++;
    this.#trials.loseWithout();
  }

  #rulesBlocking({ address, name }: Arrival, ip: string, at: number): RulesByTrial | undefined {
    const rules = this.#trials.rulesBlocking(ip, at);
    return rules === undefined || this.#terms.allow.covers(address, name) ? undefined : rules;
  }

  #keyOf(address: string): string | undefined {
    const { ipv6Prefix, nat64 } = this.#terms;
    return clientKey(address, ipv6Prefix, nat64);
  }
}

/** Whether a rule does not refuse the mail, because its client has logged in. */
function isPassed({ user }: Arrival, tally: TrialTally, rule: string): boolean {
  return user !== undefined && tally.tallyOf(rule)?.rule.passes === 'authenticated';
}
