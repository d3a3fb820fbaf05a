// What a line shows a client to do well, with the rules in which it counts for the client.

import type { GoodEvent } from '../blocks/events/event.ts';
import type { GoodSort } from '../blocks/good/good-terms.ts';
import type { CountingRule, RuleSet } from '../blocks/rules.ts';
import type { ExplainedGood, ExplainedShare } from './explanation.ts';

/** With which shares each kind is compared. */
const SORTS_OF: Readonly<Record<GoodEvent['kind'], readonly GoodSort[]>> = {
  'accepted-message': ['recipients', 'messages'],
  login: ['logins'],
  'ended-connection': ['connections'],
};

/** @param isCounted whether anything is counted of the client */
export function explainedGood(event: GoodEvent, { rules }: RuleSet, isCounted: boolean): ExplainedGood {
  return {
    kind: event.kind,
    recipients: event.kind === 'accepted-message' ? event.recipients : null,
    isUserKnown: event.kind === 'login' ? event.user !== undefined : null,
    rules: isCounted ? rules.flatMap((rule) => shareOf(event, rule)) : [],
  };
}

function shareOf(
  event: GoodEvent,
  { name, share = 0, sort, forgive, enforce }: CountingRule,
): ExplainedShare[] {
  const isCompared = share > 0 && sort !== undefined && SORTS_OF[event.kind].includes(sort);
  const forgives = event.kind === 'login' && event.user !== undefined && forgive === 'login';
  if (!isCompared && !forgives) return [];
  return [{ rule: name, share: isCompared ? share : null, forgives, enforced: enforce }];
}
