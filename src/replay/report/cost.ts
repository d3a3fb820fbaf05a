// The cost of a policy: mail that Postfix accepted from IPs at a time when the policy would have blocked them.

import { isClientName } from '../../blocks/allow.ts';
import { type ClientTally, eventsOf } from './client-tally.ts';
import type { Clients } from './clients.ts';
import { type AcceptedMail, type Delivery, outcomeOf } from './mails.ts';
import type { Cost, LosingClient, LostMail, SavingEntry } from './report.ts';

const MAX_SHOWN = 200;
const MAX_STORED = 5000;
/** Mails stored for one IP once there are too many for all of them to be stored. */
const FEW = 10;

interface StoredMail {
  readonly mail: AcceptedMail;
  readonly rule: string;
  readonly delivery: Delivery;
}

export class CostLedger {
  isKnown = false;
  accepted = 0;
  passed = 0;
  #lost = 0;
  #delivered = 0;
  #stored = 0;
  /** mails stored for one IP */
  #most = MAX_SHOWN;
  readonly #mails = new Map<string, StoredMail[]>();

  /** @param rule the rule that would have lost this mail */
  lose(
    mail: AcceptedMail,
    client: ClientTally,
    rule: string,
    follow: (onDelivered: () => void) => Delivery,
  ): void {
    this.#lost++;
    client.lost++;
    // No allow entry by name would have saved it.
    if (mail.name === undefined) client.hasNames = true;
    const delivery = follow(() => {
      this.#delivered++;
      client.delivered++;
    });
    this.#store(client.ip, { mail, rule, delivery });
  }

  #store(ip: string, stored: StoredMail): void {
    if (this.#stored >= MAX_STORED && this.#most > FEW) this.#reduce();
    const mails = this.#mails.get(ip) ?? [];
    if (mails.length >= this.#most || this.#stored >= MAX_STORED) return;
    this.#stored++;
    mails.push(stored);
    this.#mails.set(ip, mails);
  }

  /** Leaves room for IPs that lose their first mail late. */
  #reduce(): void {
    this.#most = FEW;
    this.#stored = 0;
    for (const mails of this.#mails.values()) {
      mails.splice(FEW);
      this.#stored += mails.length;
    }
  }

  report(clients: Clients): Cost {
    const losing = clients.losing;
    const each = equalPart(
      losing.map(({ ip }) => this.#mails.get(ip)?.length ?? 0),
      MAX_SHOWN,
    );
    return {
      isKnown: this.isKnown,
      accepted: this.accepted,
      lost: this.#lost,
      delivered: this.#delivered,
      passed: this.passed,
      ips: clients.losingCount,
      clients: losing.map(losingClient),
      mails: losing.flatMap((client) => this.#mailsOf(client).slice(0, each)),
      allow: savingEntries(losing),
    };
  }

  #mailsOf({ ip }: ClientTally): LostMail[] {
    const stored = this.#mails.get(ip) ?? [];
    return stored.map(({ mail, rule, delivery }) => ({
      at: new Date(mail.acceptedAt).toISOString(),
      queueId: mail.queueId,
      ip,
      name: mail.name ?? null,
      user: mail.user ?? null,
      rule,
      sender: mail.sender,
      recipients: delivery.recipients,
      recipientCount: mail.recipientCount,
      outcome: outcomeOf(delivery, mail.recipientCount),
    }));
  }
}

/** The largest number of mails of each client with which there are at most `max` in all. */
function equalPart(counts: readonly number[], max: number): number {
  const sumOf = (each: number) => counts.reduce((sum, count) => sum + Math.min(count, each), 0);
  let each = max;
  while (sumOf(each) > max) each--;
  return each;
}

function losingClient(client: ClientTally): LosingClient {
  const { ip, name = null, lost, delivered, accepted, rules } = client;
  return { ip, name, lost, delivered, accepted, events: eventsOf(client), rules };
}

/** One allow entry for each client: its verified name where that is likely to stay, otherwise its address. */
function savingEntries(losing: readonly ClientTally[]): readonly SavingEntry[] {
  const entries = new Map<string, { readonly ips: string[]; mails: number }>();
  for (const client of losing) {
    const entry = hasServerName(client) ? (client.name ?? client.ip).toLowerCase() : client.ip;
    const known = entries.get(entry) ?? { ips: [], mails: 0 };
    known.ips.push(client.ip);
    known.mails += client.lost;
    entries.set(entry, known);
  }
  return [...entries].map(([entry, saved]) => ({ entry, ...saved }));
}

/** Whether a client has the name of a server: always the same, and without the address in it, as dial-up names have. */
function hasServerName({ ip, name, hasNames }: ClientTally): boolean {
  if (name === undefined || hasNames || !isClientName(name.toLowerCase())) return false;
  const numbers = name.match(/\d+/g) ?? [];
  const octets = ip.split('.').filter((octet) => numbers.some((number) => Number(number) === Number(octet)));
  return octets.length < 2;
}
