// How a Postfix is wired: what is wrong with the way in which each smtpd(8) service asks postblock.

import type { Rule } from '../blocks/rules.ts';
import { type ListenSpec, listenText } from '../net/listen.ts';
import { reaches } from '../wiring/endpoint.ts';
import { wordsOf } from '../wiring/restrictions.ts';
import type { PolicyRequest, ServiceWiring } from '../wiring/service-wiring.ts';
import { definition, putFirst } from './expected-wiring.ts';
import { merged, type Problem } from './problem.ts';
import { requestProblems } from './request-problems.ts';
import { CLIENT, END_OF_DATA, stageProblems } from './stage-problems.ts';

/** The part of a policy that the wiring is held against. */
export interface WiredPolicy {
  readonly listen: readonly ListenSpec[];
  readonly rules: readonly Pick<Rule, 'counts' | 'enforce'>[];
}

type Found = Omit<Problem, 'about'>;

export function postfixProblems(wirings: readonly ServiceWiring[], policy: WiredPolicy): readonly Problem[] {
  const { listen, rules } = policy;
  const blocksGuessers = rules.some(({ counts, enforce }) => enforce && counts.includes('auth-failure'));
  const found = wirings.flatMap((wiring) =>
    serviceProblems(wiring, listen, blocksGuessers).map((one) => ({ ...one, about: [serviceName(wiring)] })),
  );
  if (wirings.length > 0) return merged(found);
  return [
    {
      weight: 'error',
      about: ['master.cf'],
      problem: 'Postfix has no smtpd service: it takes no mail by SMTP',
      remedy: 'In master.cf: the line of smtp inet, or another directory with --config',
    },
  ];
}

/** As postconf -M takes it. */
export function serviceName({ service }: Pick<ServiceWiring, 'service'>): string {
  return `${service.name}/${service.type}`;
}

/** The requests that lead to postblock. */
export function ownRequests(
  { requests }: ServiceWiring,
  listen: readonly ListenSpec[],
): readonly PolicyRequest[] {
  return requests.filter(({ endpoint }) => endpoint !== undefined && reaches(endpoint, listen));
}

/** Whether only this host can connect to the service: a content filter that returns mail, for example. */
export function isLocal({ service, parameters }: ServiceWiring): boolean {
  if (service.type === 'unix') return true;
  if (service.type !== 'inet') return false;
  const colon = service.name.lastIndexOf(':');
  if (colon > 0) return isLoopback(service.name.slice(0, colon));
  const interfaces = wordsOf(parameters.get('inet_interfaces') ?? '');
  return interfaces.length > 0 && interfaces.every((name) => name === 'loopback-only' || isLoopback(name));
}

function isLoopback(host: string): boolean {
  return /^(?:127(?:\.\d+){3}|localhost|\[?::1\]?)$/i.test(host);
}

function serviceProblems(
  wiring: ServiceWiring,
  listen: readonly ListenSpec[],
  blocksGuessers: boolean,
): readonly Found[] {
  const own = ownRequests(wiring, listen);
  const found = [...softBounce(wiring), ...own.flatMap((request) => requestProblems(wiring, request))];
  if (isLocal(wiring)) return found;
  if (own.length === 0) return [...found, neverAsked(wiring, listen)];
  return [...found, ...stageProblems(wiring, own, blocksGuessers)];
}

/** Where the service asks instead, and why that is not postblock. */
function neverAsked(wiring: ServiceWiring, listen: readonly ListenSpec[]): Found {
  const { parameters, service } = wiring;
  const queueDirectory = parameters.get('queue_directory') ?? '';
  const problem = 'Postfix never asks postblock: blocked clients are served';
  for (const { endpoint } of wiring.requests) {
    if (endpoint?.type !== 'unix' || !service.isChrooted || !endpoint.written.startsWith('/')) continue;
    if (!listen.some((spec) => spec.type === 'unix' && spec.path === endpoint.written)) continue;
    return {
      weight: 'error',
      problem: `${problem}: the service is chrooted, and looks for ${endpoint.path} instead of ${endpoint.written}`,
      remedy: `In policy.yml, under listen: - unix: ${queueDirectory}/postblock/policy; in main.cf: unix:postblock/policy`,
    };
  }
  const others = [...new Set(wiring.requests.map(({ call }) => call.address))];
  const instead =
    others.length === 0 ? '' : `; it asks ${others.join(', ')}, where no listen: of policy.yml is`;
  const at = others.length === 0 ? '' : ` (listen: ${listen.map(listenText).join(', ')})`;
  return {
    weight: 'error',
    problem: `${problem}${instead}${at}`,
    remedy: [
      `In main.cf: ${definition(listen, queueDirectory)}`,
      putFirst(wiring, CLIENT),
      putFirst(wiring, END_OF_DATA),
    ].join('. '),
  };
}

/** smtpd_check_reject() of smtpd_check.c turns each 5xx into 4xx, which no rule counts. */
function softBounce({ parameters }: ServiceWiring): readonly Found[] {
  if (parameters.get('soft_bounce') !== 'yes') return [];
  return [
    {
      weight: 'error',
      problem: 'soft_bounce turns each 5xx into 4xx: no rejection is counted, and blocked clients come again',
      remedy: 'In main.cf: soft_bounce = no',
    },
  ];
}
