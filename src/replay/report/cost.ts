// The cost of a policy: mails that Postfix accepted from IPs while the policy would have blocked them.

import { isClientName } from '../../blocks/allow.ts';
import { type ClientTally, eventsOf } from './client-tally.ts';
import type { Clients } from './clients.ts';
import { type AcceptedMail, type Delivery, outcomeOf } from './mails.ts';
import type { Cost, LosingClient, LostMail, SavingEntry } from './report.ts';

/** Mails kept of one IP, and in all: enough for those that are shown. */
const MOST_OF_ONE = 10;
const MOST_KEPT = 5000;
const MOST_SHOWN = 200;

interface Kept {
  readonly mail: AcceptedMail;
  readonly rule: string;
  readonly delivery: Delivery;
}

export class CostLedger {
  isKnown = false;
  accepted = 0;
  #lost = 0;
  #delivered = 0;
  #kept = 0;
  readonly #mails = new Map<string, Kept[]>();

  /** @param rule the rule that would have cost this mail */
  lose(
    mail: AcceptedMail,
    client: ClientTally,
    rule: string,
    follow: (onDelivered: () => void) => Delivery,
  ): void {
    this.#lost++;
    client.lost++;
    // No entry by name would have saved it.
    if (mail.name === undefined) client.hasNames = true;
    const delivery = follow(() => {
      this.#delivered++;
      client.delivered++;
    });
    const mails = this.#mails.get(client.ip) ?? [];
    if (mails.length >= MOST_OF_ONE || this.#kept >= MOST_KEPT) return;
    this.#kept++;
    this.#mails.set(client.ip, [...mails, { mail, rule, delivery }]);
  }

  report(clients: Clients): Cost {
    const losing = clients.losing;
    return {
      isKnown: this.isKnown,
      accepted: this.accepted,
      lost: this.#lost,
      delivered: this.#delivered,
      ips: clients.losingCount,
      clients: losing.map(losingClient),
      mails: losing.flatMap((client) => this.#mailsOf(client)).slice(0, MOST_SHOWN),
      allow: savingEntries(losing),
    };
  }

  #mailsOf({ ip }: ClientTally): LostMail[] {
    const kept = this.#mails.get(ip) ?? [];
    return kept.map(({ mail, rule, delivery }) => ({
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

function losingClient(client: ClientTally): LosingClient {
  const { ip, name = null, lost, delivered, accepted, rules } = client;
  return { ip, name, lost, delivered, accepted, events: eventsOf(client), rules };
}

/** One entry a client, by its verified name where that can be trusted to stay its own. */
function savingEntries(losing: readonly ClientTally[]): readonly SavingEntry[] {
  const entries = new Map<string, { readonly ips: string[]; mails: number }>();
  for (const client of losing) {
    const entry = isLasting(client) ? (client.name ?? client.ip).toLowerCase() : client.ip;
    const known = entries.get(entry) ?? { ips: [], mails: 0 };
    known.ips.push(client.ip);
    known.mails += client.lost;
    entries.set(entry, known);
  }
  return [...entries].map(([entry, saved]) => ({ entry, ...saved }));
}

/** Whether a name is that of a server: Postfix saw no other, and it does not spell the address as dial-up names do. */
function isLasting({ ip, name, hasNames }: ClientTally): boolean {
  if (name === undefined || hasNames || !isClientName(name.toLowerCase())) return false;
  const numbers = name.match(/\d+/g) ?? [];
  const spelled = ip.split('.').filter((octet) => numbers.some((number) => Number(number) === Number(octet)));
  return spelled.length < 2;
}
