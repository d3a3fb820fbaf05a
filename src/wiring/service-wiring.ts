// How one smtpd(8) service asks policy services: at which stages, and what stands in front of each request.

import { type Endpoint, endpointOf } from './endpoint.ts';
import { canPermit, LISTS, type Stage } from './lists.ts';
import type { SmtpdService } from './master.ts';
import { type PolicyCall, policyCall } from './policy-call.ts';
import { type Step, stepsOf, wordsOf } from './restrictions.ts';

/** One check_policy_service in a list of the service. */
export interface PolicyRequest {
  readonly stage: Stage;
  /** the restriction list that it is in */
  readonly list: string;
  readonly call: PolicyCall;
  /** undefined if Postfix does not accept the address */
  readonly endpoint: Endpoint | undefined;
  /** restrictions in front that permit some clients, which are then not asked about */
  readonly hiddenBy: readonly string[];
  /** the restriction in front that ends the list for every client; undefined: there is none */
  readonly blockedBy: string | undefined;
  /** under warn_if_reject: Postfix logs the refusal, and lets the client pass */
  readonly isWarningOnly: boolean;
}

export interface ServiceWiring {
  readonly service: SmtpdService;
  /** of the service, expanded, with its `-o` options */
  readonly parameters: ReadonlyMap<string, string>;
  /** in the order of their evaluation */
  readonly requests: readonly PolicyRequest[];
}

/** The parameters of a service that matter here; those of its restriction classes come in addition. */
export const PARAMETERS: readonly string[] = [
  ...LISTS.map(({ parameter }) => parameter),
  'smtpd_restriction_classes',
  'smtpd_delay_reject',
  'smtpd_helo_required',
  'smtpd_sasl_auth_enable',
  'smtpd_policy_service_timeout',
  'smtpd_policy_service_try_limit',
  'smtpd_policy_service_default_action',
  'inet_interfaces',
  'queue_directory',
  'soft_bounce',
  'maillog_file',
  'mail_owner',
];

/** @param parameters expanded */
export function serviceWiring(service: SmtpdService, parameters: ReadonlyMap<string, string>): ServiceWiring {
  const classes = new Map(classNames(parameters).map((name) => [name, parameters.get(name) ?? '']));
  const isDelayed = parameters.get('smtpd_delay_reject') !== 'no';
  const requests = LISTS.flatMap(({ parameter: list, delayed, undelayed }) => {
    const steps = stepsOf(parameters.get(list) ?? '', classes);
    return requestsIn(steps, { service, parameters, list, stage: isDelayed ? delayed : undelayed });
  });
  return { service, parameters, requests };
}

/** Names of the restriction classes (smtpd_restriction_classes). */
export function classNames(parameters: ReadonlyMap<string, string>): readonly string[] {
  return wordsOf(parameters.get('smtpd_restriction_classes') ?? '');
}

interface ListPlace extends Pick<ServiceWiring, 'service' | 'parameters'> {
  readonly list: string;
  readonly stage: Stage;
}

function requestsIn(
  steps: readonly Step[],
  { service, parameters, list, stage }: ListPlace,
): PolicyRequest[] {
  const queueDirectory = parameters.get('queue_directory') ?? '';
  const root = { queueDirectory, isChrooted: service.isChrooted };
  return steps.flatMap((step, i) => {
    if (step.effect !== 'ask') return [];
    const before = steps.slice(0, i);
    const call = policyCall(step.argument, parameters);
    const hiders = before.filter(({ effect, text }) => effect === 'may-permit' && canPermit(text, stage));
    return {
      stage,
      list,
      call,
      endpoint: endpointOf(call.address, root),
      hiddenBy: hiders.map(({ text }) => text),
      blockedBy: before.find(({ effect }) => effect === 'permit' || effect === 'refuse')?.text,
      isWarningOnly: step.isWarningOnly,
    };
  });
}
