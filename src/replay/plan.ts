// The plan of a replay, from the options of the command line: the policies on trial, and the time to replay.

import type { CountingRule } from '../blocks/rules.ts';
import type { Terms } from '../blocks/terms.ts';
import { loadConfig } from '../config/load.ts';
import type { Override } from '../config/overrides.ts';
import { termsOf } from '../config/terms.ts';
import { EXIT, ExitError } from '../exit.ts';
import { type Zone, zoneOf } from '../maillog/syslog/zone.ts';
import { parseDuration } from '../values/duration.ts';
import type { ReplayPlan } from './replay.ts';
import type { SweepPlan } from './trial/sweep.ts';

export interface PlanOptions {
  /** `KEY=VALUE` */
  readonly set: readonly string[];
  /** `KEY=VALUE,VALUE…` */
  readonly sweep: readonly string[];
  readonly since: string | undefined;
  readonly until: string | undefined;
}

/** Each value has a table of its own: more would be slow and take too much memory. */
const MAX_VALUES = 20;
const SWEPT = /^rules\.(.+)\.(limit|within|block-for|share)$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * @param path of policy.yml
 * @param now ms since 1970
 * @returns the plan, and the zone of stamps without one
 * @throws ExitError 64 for options that are not valid, 78 with a line for each mistake in the policy
 */
export async function planOf(
  path: string,
  options: PlanOptions,
  now: number,
): Promise<Omit<ReplayPlan, 'onChange'> & { readonly zone: Zone }> {
  const set = options.set.map((text) => overrideOf('--set', text));
  const config = await loadConfig(path, set);
  const terms = termsOf(config);
  const sweeps: SweepPlan[] = [];
  for (const text of options.sweep) sweeps.push(await sweepOf(path, set, terms, text));
  const values = sweeps.reduce((sum, sweep) => sum + sweep.values.length, 0);
  if (values > MAX_VALUES)
    throw usage(
      `--sweep: ${values} values in all; expected at most ${MAX_VALUES}, since each has its own counts`,
    );
  const since = momentOf('--since', options.since, now) ?? Number.NEGATIVE_INFINITY;
  const until = momentOf('--until', options.until, now) ?? Number.POSITIVE_INFINITY;
  if (since >= until) throw usage('--since: is not before --until; nothing is left to replay');
  return { terms, sweeps, since, until, zone: zoneOf(config.zone) };
}

async function sweepOf(
  path: string,
  set: readonly Override[],
  current: Terms,
  text: string,
): Promise<SweepPlan> {
  const { key, value } = overrideOf('--sweep', text);
  const [, rule, option] = SWEPT.exec(key) ?? [];
  if (rule === undefined || option === undefined)
    throw usage(
      `--sweep ${key}: expected rules.RULE.limit, rules.RULE.within, rules.RULE.block-for or rules.RULE.share`,
    );
  const values: SweepPlan['values'][number][] = [];
  for (const each of value.split(',').map((part) => part.trim())) {
    const terms = termsOf(await loadConfig(path, [...set, { option: '--sweep', key, value: each }]));
    const isCurrent = optionOf(terms, rule, option) === optionOf(current, rule, option);
    values.push({ value: each, isCurrent, terms });
  }
  return { key, rule, values };
}

function optionOf(terms: Terms, name: string, option: string): number | undefined {
  const rule = terms.rules.named(name);
  const values: Readonly<Record<string, (rule: CountingRule) => number>> = {
    limit: ({ limit }) => limit,
    within: ({ within }) => within,
    'block-for': ({ blockFor }) => blockFor,
    share: ({ share = 0 }) => share,
  };
  return rule && values[option]?.(rule);
}

function overrideOf(option: string, text: string): Override {
  const equals = text.indexOf('=');
  if (equals < 1) throw usage(`${option}: ${JSON.stringify(text)} is not KEY=VALUE`);
  return { option, key: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() };
}

/** @returns ms since 1970, from ISO 8601 (local time where it has no zone) or a duration before now */
function momentOf(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  // Date.parse takes a date alone for UTC, but the stamps of most logs are local.
  const moment = isDate(ISO.exec(text))
    ? Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'))
    : NaN;
  if (!Number.isNaN(moment)) return moment;
  throw usage(
    `${option}: ${JSON.stringify(text)} is not a valid time; expected a time such as 2026-11-01 or 2026-11-01T12:00, or a duration before now such as 7d`,
  );
}

/** Date.parse accepts 30 February as 2 March. */
function isDate(found: readonly string[] | null): boolean {
  const [, year, month, day] = found ?? [];
  return Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
}

function usage(message: string): ExitError {
  return new ExitError(EXIT.usage, [message]);
}
