// What a replay is asked to do: policies on trial, and the time that counts, from the words of the command line.

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

/** More would be slow, and fill the memory with as many tables. */
const MOST_VALUES = 20;
const SWEPT = /^rules\.(.+)\.(limit|within|block-for)$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * @param path of policy.yml
 * @param now ms since 1970
 * @returns with the zone of stamps that do not tell theirs
 * @throws ExitError 64 for what cannot be asked, 78 with a line for each mistake in the policy
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
  if (values > MOST_VALUES)
    throw usage(
      `--sweep has ${values} values in all; expected ${MOST_VALUES} at most, since each has its own counts`,
    );
  const since = momentOf('--since', options.since, now) ?? Number.NEGATIVE_INFINITY;
  const until = momentOf('--until', options.until, now) ?? Number.POSITIVE_INFINITY;
  if (since >= until) throw usage('--since is not before --until: nothing is left to read');
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
    throw usage(`--sweep ${key}: expected rules.RULE.limit, rules.RULE.within or rules.RULE.block-for`);
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
  };
  return rule && values[option]?.(rule);
}

function overrideOf(option: string, text: string): Override {
  const equals = text.indexOf('=');
  if (equals < 1) throw usage(`${option} takes KEY=VALUE, not ${JSON.stringify(text)}`);
  return { option, key: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() };
}

/** A moment: ISO 8601, in local time without a zone, or a duration before now. */
function momentOf(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  // A date alone would be UTC; the stamps of most logs are local.
  const moment = isDate(ISO.exec(text))
    ? Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'))
    : NaN;
  if (!Number.isNaN(moment)) return moment;
  throw usage(
    `${option} takes a moment such as 2026-11-01 or 2026-11-01T12:00, or how long ago such as 7d, not ${JSON.stringify(text)}`,
  );
}

/** Date.parse would take 30 February for 2 March. */
function isDate(found: readonly string[] | null): boolean {
  const [, year, month, day] = found ?? [];
  return Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
}

function usage(message: string): ExitError {
  return new ExitError(EXIT.usage, [message]);
}
