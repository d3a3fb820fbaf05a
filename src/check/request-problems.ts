// What is wrong with one policy request of a service: where it stands, and what happens if no answer comes.

import type { PolicyRequest, ServiceWiring } from '../wiring/service-wiring.ts';
import { putFirst } from './expected-wiring.ts';
import type { Problem } from './problem.ts';

/** s that an SMTP client may have to wait for each command while postblock hangs */
const MAX_WAIT = 10;

/** Actions that let the client go on to the next restriction: check_table_result() of smtpd_check.c. */
const SAFE = /^(?:dunno|info|warn|prepend)(?:\s|$)/i;
const PERMITS = /^(?:ok|relay|permit|\d+)(?:\s|$)/i;
const REPLY = /^[45]\d\d\s/;

type Found = Omit<Problem, 'about'>;

/** @param request one that leads to postblock */
export function requestProblems(wiring: ServiceWiring, request: PolicyRequest): readonly Found[] {
  const { list, call, blockedBy, isWarningOnly } = request;
  const found: Found[] = [];
  if (call.mistake !== undefined)
    found.push({
      weight: 'error',
      problem: `Postfix does not accept the request in ${list}, and smtpd ends: ${call.mistake}`,
      remedy: 'In main.cf: { ADDRESS, timeout=2s, try_limit=1, default_action=DUNNO }',
    });
  if (blockedBy !== undefined)
    found.push({
      weight: 'error',
      problem: `the request in ${list} is never reached: ${blockedBy} in front ends the list for every client`,
      remedy: putFirst(wiring, list),
    });
  if (isWarningOnly)
    found.push({
      weight: 'error',
      problem: `warn_if_reject is in front of the request in ${list}: Postfix logs the refusal, and serves the client`,
      remedy: `Remove warn_if_reject; to watch only, set "enforce: false" in policy.yml`,
    });
  return [...found, ...unanswered(request)];
}

/** What happens if postblock is down or hangs. */
function unanswered({ call }: PolicyRequest): readonly Found[] {
  const { defaultAction, timeout, tryLimit } = call;
  const found: Found[] = [];
  const remedy = 'In main.cf, in the braces of check_policy_service: default_action=DUNNO';
  if (PERMITS.test(defaultAction) && !REPLY.test(defaultAction))
    found.push({
      weight: 'warning',
      problem: `if postblock is down, default_action=${defaultAction} permits: Postfix skips the rest of the list`,
      remedy,
    });
  else if (!SAFE.test(defaultAction))
    found.push({
      weight: 'error',
      problem: `if postblock is down, Postfix answers every client "${defaultAction}": no mail comes in`,
      remedy,
    });
  if (timeout * tryLimit > MAX_WAIT)
    found.push({
      weight: 'warning',
      problem: `if postblock hangs, each client waits ${timeout * tryLimit} s (timeout=${timeout}s, try_limit=${tryLimit})`,
      remedy: 'In main.cf, in the braces of check_policy_service: timeout=2s, try_limit=1',
    });
  return found;
}
