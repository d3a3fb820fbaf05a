// The texts of troubles with the wiring of Postfix: what was seen, then what to do.

import { durationText } from '../values/duration.ts';
import { minuteText } from '../values/iso-time.ts';
import { UNASKED_MESSAGES, type Unasked } from './ask-watch.ts';
import type { Served, Unenforced } from './enforcement-watch.ts';

export function unaskedText({ address, service, ms }: Unasked & { readonly ms: number }): string {
  return `nobody is refused: ${service} accepted ${UNASKED_MESSAGES} messages or more, the last from ${address}, but Postfix has not asked for ${durationText(ms)}; put check_policy_service first in its restrictions, as contrib/main.cf does; "postblock check --postfix" shows where Postfix asks`;
}

const DID: Readonly<Record<Served, string>> = {
  accepted: 'accepted messages of blocked clients',
  login: 'let blocked clients try to log in',
};

const ADVICE: Readonly<Record<Served, string>> = {
  accepted: 'put check_policy_service first in its smtpd_client_restrictions',
  login:
    'to refuse clients before they log in, it needs smtpd_delay_reject=no and check_policy_service in its smtpd_client_restrictions, as in contrib/master.cf',
};

/** @param services at least one */
export function unenforcedText(services: readonly Unenforced[]): string {
  const kinds = (['accepted', 'login'] as const).map((kind) =>
    services.filter(({ served }) => served === kind),
  );
  return kinds
    .flatMap((those) => (those[0] === undefined ? [] : kindText(those[0].served, those)))
    .join('; ');
}

function kindText(served: Served, services: readonly Unenforced[]): string {
  const names = services.map(
    ({ service, count, address, at }) => `${service} (${count}, last ${address} at ${minuteText(at)})`,
  );
  return `${names.join(', ')} ${DID[served]}: ${ADVICE[served]}`;
}
