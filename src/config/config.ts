// The parser of policy.yml: from its text to a Config, or every mistake in it. Reads no file and no clock.

import { dirname, resolve } from 'node:path';
import type { AllowItem } from '../blocks/allow.ts';
import type { Rule } from '../blocks/rules.ts';
import type { BreakerTerms } from '../blocks/sparing/breaker.ts';
import type { MaillogSpec } from '../maillog/sources/sources.ts';
import type { ListenSpec } from '../net/listen.ts';
import { DAY } from '../values/duration.ts';
import { type Nat64Prefix, USUAL_PREFIXES } from '../values/nat64.ts';
import { type HostNetworks, NO_HOST, readAllow } from './fields/allow-fields.ts';
import { readDuration } from './fields/duration-field.ts';
import { type ExportSpec, readExports } from './fields/export-fields.ts';
import { Fields, type OptionNode, StopReading } from './fields/fields.ts';
import { OFF, readBreaker } from './fields/good-mail-fields.ts';
import { readListeners } from './fields/listen-fields.ts';
import { type LogSpec, readLog, readMaillog, readZone } from './fields/log-fields.ts';
import { readMetrics } from './fields/metrics-fields.ts';
import { type NoticeTarget, readNotices } from './fields/notice-fields.ts';
import { readPath } from './fields/path-field.ts';
import { type Reporter, readReporter } from './fields/reporter-field.ts';
import { readNat64, readRule } from './fields/rule-fields.ts';
import { readShare, type ShareSpec } from './fields/share-fields.ts';
import { applyOverrides, inOptions, type Override } from './overrides.ts';
import { checkOwnPaths, type NamedPath } from './own-paths.ts';
import { type Mistake, reportedMistakes } from './yaml/mistake.ts';
import { parseYaml } from './yaml/yaml-text.ts';

/** A whole policy. Durations in ms, paths absolute. */
export interface Config {
  readonly listen: readonly ListenSpec[];
  readonly maillog: MaillogSpec;
  /** of time stamps without a zone, a name of the tz database; undefined: the host's own */
  readonly zone?: string | undefined;
  readonly state: string;
  /** group of the control socket; undefined: the daemon's own */
  readonly controlGroup?: string | undefined;
  readonly snapshotEvery: number;
  readonly ipv6Prefix: number;
  /** prefixes of translators, the well-known one first */
  readonly nat64: readonly Nat64Prefix[];
  /** networks, client names in lower case, and keywords with their networks */
  readonly allow: readonly AllowItem[];
  readonly maxTracked: number;
  /** undefined: off */
  readonly breaker?: BreakerTerms | undefined;
  /** the server that several hosts share; undefined: none */
  readonly shareState?: ShareSpec | undefined;
  /** where metrics are served; undefined: nowhere */
  readonly metrics?: ListenSpec | undefined;
  readonly log: LogSpec;
  readonly rules: readonly Rule[];
  /** who gets notices; undefined: nobody */
  readonly onBlock?: readonly NoticeTarget[] | undefined;
  /** who signs abuse reports; undefined: there are none */
  readonly reporter?: Reporter | undefined;
  /** files with the blocked clients; undefined: none */
  readonly exports?: readonly ExportSpec[] | undefined;
}

export type ParsedConfig =
  | { readonly config: Config; readonly mistakes?: undefined }
  | { readonly config?: undefined; readonly mistakes: readonly Mistake[] };

/** The value of an option that is not set and has no default. */
const NONE = '';
const DEFAULT_LISTEN: readonly ListenSpec[] = [{ type: 'inet', host: '127.0.0.1', port: 10040 }];

/**
 * @param text the content of policy.yml
 * @param path its path; relative paths in it start at its directory
 * @param overrides values of the command line, which replace those of the file
 * @param host what the keywords of the allow list stand for on this host
 */
export function parseConfig(
  text: string,
  path: string,
  overrides: readonly Override[] = [],
  host: HostNetworks = NO_HOST,
): ParsedConfig {
  const yaml = parseYaml(text);
  if (yaml.document === undefined) return { mistakes: reportedMistakes(yaml.mistakes) };
  const { document, lines } = yaml;
  const wrongOptions = applyOverrides(document, overrides);
  const fields = new Fields(document, lines);
  const config = configIn(fields, document.contents, { policy: resolve(path), host });
  const mistakes = [...wrongOptions, ...fields.mistakes];
  if (config !== undefined && mistakes.length === 0) return { config: deepFrozen(config) };
  return { mistakes: reportedMistakes(inOptions(mistakes, overrides)) };
}

/** What the values of a policy depend on: the absolute path of its file, and the host. */
interface Surroundings {
  readonly policy: string;
  readonly host: HostNetworks;
}

/** undefined if there is a mistake, or so many that the rest was not read */
function configIn(fields: Fields, contents: unknown, place: Surroundings): Config | undefined {
  try {
    return readConfig(fields, contents, place);
  } catch (error) {
    if (error instanceof StopReading) return undefined;
    throw error;
  }
}

function readConfig(fields: Fields, contents: unknown, { policy, host }: Surroundings): Config | undefined {
  const top = fields.map({ key: '', node: contents }, 'options such as listen, maillog and rules');
  if (top === undefined) return undefined;
  const named: NamedPath[] = [];
  const path = (place: OptionNode) => {
    const found = readPath(place, fields, dirname(policy));
    if (found !== undefined) named.push({ place, path: found });
    return found;
  };
  const config = {
    listen: top.optional('listen', (at) => readListeners(at, fields, path), DEFAULT_LISTEN),
    maillog: top.optional('maillog', (at) => readMaillog(at, fields, path), { type: 'auto' } as const),
    zone: top.optional('zone', (at) => readZone(at, fields), NONE),
    state: top.optional('state', path, resolve(dirname(policy), 'state')),
    controlGroup: top.optional('control-group', (at) => fields.text(at, 'the name of a group'), NONE),
    snapshotEvery: top.optional('snapshot-every', (at) => readDuration(at, fields, 1000, DAY), 60_000),
    ipv6Prefix: top.optional('ipv6-prefix', (at) => fields.integer(at, 1, 128), 64),
    nat64: top.optional('nat64', (at) => readNat64(at, fields), USUAL_PREFIXES),
    allow: top.optional('allow', (at) => readAllow(at, fields, host), []),
    maxTracked: top.optional('max-tracked', (at) => fields.integer(at, 1000, 100_000_000), 1_000_000),
    breaker: top.optional('breaker', readBreaker, OFF),
    shareState: top.optional('share-state', (at) => readShare(at, fields, path), OFF),
    metrics: top.optional('metrics', (at) => readMetrics(at, fields, path), OFF),
    log: top.optional('log', (at) => readLog(at, fields, path), { level: 'info', format: 'text' } as const),
    rules: top.required('rules', (at) => readRules(at, fields), '{…}'),
  };
  const names = config.rules?.map(({ name }) => name);
  const onBlock = top.optional('on-block', (at) => readNotices(at, fields, path, names), OFF);
  const exports = top.optional('export', (at) => readExports(at, fields, path, names), OFF);
  const reporter = top.optional('reporter', readReporter, OFF);
  top.finish();
  const { state = '/' } = config;
  checkOwnPaths(named, { state, policy }, (place, message) => fields.wrong(place, message));
  const all = { ...config, onBlock, exports, reporter };
  return Object.values(all).includes(undefined) ? undefined : onlySet(all);
}

/** Without the options that are not set and have no default. */
function onlySet(options: object): Config {
  const entries = Object.entries(options).filter(([, value]) => value !== NONE && value !== OFF);
  return Object.fromEntries(entries) as unknown as Config;
}

function readRules(place: OptionNode, fields: Fields): readonly Rule[] | undefined {
  const rules = fields.map(place, 'rules by name');
  if (rules?.isEmpty) return fields.wrong(place, 'is empty; expected at least one rule');
  return rules?.entries((name, at) => readRule(name, at, fields));
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFrozen);
  return value;
}
