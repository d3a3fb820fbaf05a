// The options of policy.yml that weigh abuse against good mail: share, forgive and passes of a rule, and breaker.

import { type CountName, codeNamed, kindOfCode } from '../../blocks/events/codes.ts';
import { sortOf } from '../../blocks/rules.ts';
import type { BreakerTerms } from '../../blocks/sparing/breaker.ts';
import { DAY, SECOND } from '../../values/duration.ts';
import { readDuration } from './duration-field.ts';
import type { Fields, OptionNode } from './fields.ts';

/** A share as it is written: digits, with a fraction or without, and a percent sign. */
const PERCENT = /^(\d{1,3}(?:\.\d{1,6})?)%$/;
const MAX_BREAKER_CLIENTS = 1000;

/** The value of an option that is switched off. */
export const OFF = 'off';

/** @returns 0 to 1 */
export function readShare(place: OptionNode, fields: Fields): number | undefined {
  const text = fields.source(place);
  const percent = Number(PERCENT.exec(text)?.[1]);
  if (percent <= 100) return percent / 100;
  const wrong = Number.isNaN(percent) ? 'is not a share' : 'is out of range';
  return fields.wrong(
    place,
    `${JSON.stringify(text.slice(0, 60))} ${wrong}; expected a percentage such as 10% or 0.5%, from 0% to 100%`,
  );
}

/**
 * The share of a rule: what it counts must be of one sort, since it is compared with what the client did well of it.
 *
 * @param counts undefined if they are not known
 */
export function readRuleShare(
  place: OptionNode,
  fields: Fields,
  counts: readonly CountName[] | undefined,
): number | undefined {
  const share = readShare(place, fields);
  if (share === undefined || share === 0 || counts === undefined || sortOf(counts) !== undefined)
    return share;
  return fields.wrong(
    place,
    'has nothing to be compared with, because of what the rule counts; expected counts to name recipients, ' +
      'authentication failures, connections or messages, and only one of these',
  );
}

/** @param counts undefined if they are not known */
export function readForgive(
  place: OptionNode,
  fields: Fields,
  counts: readonly CountName[] | undefined,
): 'login' | typeof OFF | undefined {
  const forgive = fields.oneOf(place, ['login', OFF] as const);
  const isOfLogins = counts?.some((name) => kindOfCode(codeNamed(name)) === 'auth-failure') ?? true;
  if (forgive !== 'login' || isOfLogins) return forgive;
  return fields.wrong(place, 'is for authentication failures; expected the rule to count auth-failure');
}

export function readPasses(place: OptionNode, fields: Fields): 'authenticated' | typeof OFF | undefined {
  return fields.oneOf(place, ['authenticated', OFF] as const);
}

export function readBreaker(place: OptionNode, fields: Fields): BreakerTerms | typeof OFF | undefined {
  if (fields.source(place) === OFF) return OFF;
  const options = fields.map(place, 'off, or {clients: 5, share: 1%, within: 10m}');
  if (options === undefined) return undefined;
  const clients = options.required('clients', (at) => fields.integer(at, 1, MAX_BREAKER_CLIENTS), '5');
  const share = options.required('share', readShare, '1%');
  const within = options.required('within', (at) => readDuration(at, fields, SECOND, DAY), '10m');
  options.finish();
  const isWhole = clients !== undefined && share !== undefined && within !== undefined;
  return isWhole ? { clients, share, within } : undefined;
}
