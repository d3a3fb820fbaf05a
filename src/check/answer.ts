// The answer of check --json.

import type { ListenSpec } from '../net/listen.ts';
import type { ServiceWiring } from '../wiring/service-wiring.ts';
import { isLocal, ownRequests, serviceName } from './postfix-problems.ts';
import type { Problem } from './problem.ts';

/** A request to postblock, in the order in which Postfix makes them. */
export interface CheckedRequest {
  readonly stage: string;
  readonly list: string;
  readonly address: string;
  /** restrictions in front that permit some clients */
  readonly after: readonly string[];
  readonly defaultAction: string;
}

export interface CheckedService {
  /** as in master.cf, `submission/inet` */
  readonly service: string;
  /** only this host can connect */
  readonly isLocal: boolean;
  readonly requests: readonly CheckedRequest[];
}

type CheckedProblem = Pick<Problem, 'weight' | 'about' | 'problem' | 'remedy'> & {
  readonly status: number | null;
};

export interface CheckAnswer {
  /** path of policy.yml */
  readonly policy: string;
  readonly problems: readonly CheckedProblem[];
  /** null without --postfix */
  readonly services: readonly CheckedService[] | null;
}

export function checkAnswer(
  policy: string,
  problems: readonly Problem[],
  services: readonly CheckedService[] | null,
): CheckAnswer {
  const shown = problems.map(({ weight, about, problem, remedy, status = null }) => ({
    weight,
    about,
    problem,
    remedy,
    status,
  }));
  return { policy, problems: shown, services };
}

export function checkedService(wiring: ServiceWiring, listen: readonly ListenSpec[]): CheckedService {
  return {
    service: serviceName(wiring),
    isLocal: isLocal(wiring),
    requests: ownRequests(wiring, listen).map(({ stage, list, call, hiddenBy }) => ({
      stage,
      list,
      address: call.address,
      after: hiddenBy,
      defaultAction: call.defaultAction,
    })),
  };
}
