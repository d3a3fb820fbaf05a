// A check_policy_service call of Postfix: its address, its time limits, and its action when no answer comes.

import { wordsOf } from './restrictions.ts';

/** The parameters smtpd_policy_service_*, as postconf prints them, or as the options of a call override them. */
export interface PolicyCall {
  /** as in the configuration: `inet:127.0.0.1:10040`, `unix:postblock/policy` */
  readonly address: string;
  /** what Postfix does if no answer comes */
  readonly defaultAction: string;
  /** s that Postfix waits for the connection, for the request and for the answer, each */
  readonly timeout: number;
  /** how many times Postfix tries */
  readonly tryLimit: number;
  /** why smtpd(8) ends with a fatal error when it reads this call; undefined: it accepts it */
  readonly mistake?: string;
}

/** The prefix of the parameters; the options of a call have their names without it (smtpd_check.c, time_table). */
const PREFIX = 'smtpd_policy_service_';
const OPTIONS = [
  'timeout',
  'max_idle',
  'max_ttl',
  'retry_delay',
  'request_limit',
  'try_limit',
  'default_action',
  'policy_context',
] as const;
/** Of Postfix 2.1 and later, where no parameter says otherwise (mail_params.h). */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['timeout', '100s'],
  ['try_limit', '2'],
  ['default_action', '451 4.3.5 Server configuration problem'],
]);
/** s of each unit of time: conv_time() of conv_time.c */
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * @param argument of check_policy_service: an address, or `{ ADDRESS, name=value, { name = value } … }` (Postfix 3.0)
 * @param parameters of Postfix, expanded
 */
export function policyCall(argument: string, parameters: ReadonlyMap<string, string>): PolicyCall {
  const [address = '', ...options] = argument.startsWith('{') ? wordsOf(inner(argument)) : [argument];
  const values = new Map(OPTIONS.map((name) => [name as string, parameters.get(PREFIX + name)]));
  let mistake: string | undefined;
  for (const option of options) {
    const [, name = '', value] = /^\s*([^=\s]*)\s*=(.*)$/s.exec(inner(option)) ?? [];
    if (value === undefined) mistake ??= `the option ${option} has no "="`;
    else if (!values.has(name)) mistake ??= `there is no option ${name}`;
    else values.set(name, value.trim());
  }
  const value = (name: string) => values.get(name) ?? DEFAULTS.get(name) ?? '';
  return {
    address,
    defaultAction: value('default_action'),
    timeout: seconds(value('timeout')),
    tryLimit: Number(value('try_limit')),
    ...(mistake === undefined ? {} : { mistake }),
  };
}

/** extpar() of extpar.c */
function inner(text: string): string {
  return text.startsWith('{') ? text.slice(1, text.endsWith('}') ? -1 : undefined) : text;
}

/** NaN if it is not a time */
function seconds(text: string): number {
  const [, digits, unit = 's'] = /^(\d+)([smhdw]?)$/.exec(text.toLowerCase()) ?? [];
  return Number(digits) * (UNITS[unit || 's'] ?? 1);
}
