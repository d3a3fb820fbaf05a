// What a service never asks postblock: the stages that are missing, and the clients that a permit hides.

import type { Stage } from '../wiring/lists.ts';
import type { PolicyRequest, ServiceWiring } from '../wiring/service-wiring.ts';
import { putFirst } from './expected-wiring.ts';
import type { Problem } from './problem.ts';

type Found = Omit<Problem, 'about'>;

export const CLIENT = 'smtpd_client_restrictions';
export const END_OF_DATA = 'smtpd_end_of_data_restrictions';
/** Before the first recipient is accepted. */
const EARLY: readonly Stage[] = ['CONNECT', 'HELO', 'MAIL', 'RCPT'];
const LATE: readonly Stage[] = ['DATA', 'END-OF-MESSAGE'];

/**
 * @param requests those that lead to postblock; one that is not reached is reported as such, not as missing
 * @param blocksGuessers a rule of policy.yml blocks clients that guess passwords
 */
export function stageProblems(
  wiring: ServiceWiring,
  requests: readonly PolicyRequest[],
  blocksGuessers: boolean,
): readonly Found[] {
  const early = requests.filter(({ stage }) => EARLY.includes(stage));
  const late = requests.filter(({ stage }) => LATE.includes(stage));
  const found: Found[] = [];
  if (early.length === 0)
    found.push({
      weight: 'error',
      problem: 'Postfix asks only after DATA: a blocked client can go on guessing recipients',
      remedy: putFirst(wiring, CLIENT),
    });
  else if (blocksGuessers) found.push(...guessing(wiring, early));
  if (late.length === 0)
    found.push({
      weight: 'warning',
      problem:
        'Postfix does not ask at the end of DATA: a block that starts during a message does not stop it',
      remedy: putFirst(wiring, END_OF_DATA),
    });
  return [...found, ...withoutHelo(wiring, early), ...hidden(wiring, early), ...hidden(wiring, late)];
}

/** A client that only guesses passwords sends no RCPT. */
function guessing(wiring: ServiceWiring, early: readonly PolicyRequest[]): readonly Found[] {
  const { parameters } = wiring;
  if (parameters.get('smtpd_sasl_auth_enable') !== 'yes') return [];
  if (early.some(({ stage }) => stage === 'CONNECT' || stage === 'HELO')) return [];
  const isDelayed = parameters.get('smtpd_delay_reject') !== 'no';
  return [
    {
      weight: 'error',
      problem: `the service offers AUTH, and Postfix asks only at ${early[0]?.stage}: a blocked client can go on guessing passwords`,
      remedy: isDelayed
        ? 'In master.cf, under the service: -o smtpd_delay_reject=no, with the other lines of contrib/master.cf; on port 25, -o smtpd_sasl_auth_enable=no'
        : putFirst(wiring, CLIENT),
    },
  ];
}

/** smtpd_check_helo() of smtpd_check.c skips the list if the client sent no HELO. */
function withoutHelo(wiring: ServiceWiring, early: readonly PolicyRequest[]): readonly Found[] {
  if (early.length === 0 || wiring.parameters.get('smtpd_helo_required') === 'yes') return [];
  if (early.some(({ list }) => list !== 'smtpd_helo_restrictions')) return [];
  return [
    {
      weight: 'warning',
      problem: 'Postfix asks only in smtpd_helo_restrictions: a client that sends no HELO is not asked about',
      remedy: putFirst(wiring, CLIENT),
    },
  ];
}

/** Clients that are permitted before each of the requests; what one request does not see, another may. */
function hidden(wiring: ServiceWiring, requests: readonly PolicyRequest[]): readonly Found[] {
  const reached = requests.filter(({ blockedBy }) => blockedBy === undefined);
  const [first] = reached;
  if (first === undefined || reached.some(({ hiddenBy }) => hiddenBy.length === 0)) return [];
  const names = first.hiddenBy.join(', ');
  const hidesAll = reached.every(({ hiddenBy }) =>
    hiddenBy.some((name) => name.toLowerCase() === 'permit_auth_destination'),
  );
  return [
    {
      weight: hidesAll ? 'error' : 'warning',
      problem: `Postfix does not ask about clients that ${names} permits: it is in front of the request in ${first.list}`,
      remedy: putFirst(wiring, first.list),
    },
  ];
}
