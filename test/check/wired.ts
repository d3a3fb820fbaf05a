// Services of a Postfix for tests: parameters as postconf prints them, without a Postfix.

import type { SmtpdService } from '../../src/wiring/master.ts';
import { type ServiceWiring, serviceWiring } from '../../src/wiring/service-wiring.ts';

export type Parameters = Readonly<Record<string, string>>;

export const REQUEST =
  'check_policy_service { inet:127.0.0.1:10040, timeout=2s, try_limit=1, default_action=DUNNO }';

/** main.cf as contrib/main.cf wires it. */
export const WIRED: Parameters = {
  queue_directory: '/var/spool/postfix',
  smtpd_client_restrictions: REQUEST,
  smtpd_end_of_data_restrictions: REQUEST,
};

/** @param own the `-o` options of the service */
export function wired(
  main: Parameters,
  own: Parameters = {},
  service: Partial<SmtpdService> = {},
): ServiceWiring {
  const overrides = new Map(Object.entries(own));
  const all = new Map(Object.entries({ ...main, ...own }));
  return serviceWiring({ name: 'smtp', type: 'inet', isChrooted: true, overrides, ...service }, all);
}
