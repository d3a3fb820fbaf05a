// The differences between two policies, for the log: each option with its old and new value, bounded. Pure.

import { createHash } from 'node:crypto';
import { type AllowItem, itemText } from '../blocks/allow.ts';
import type { ListenSpec } from '../net/listen.ts';
import { durationText } from '../values/duration.ts';
import type { Config } from './config.ts';
import type { ExportSpec } from './fields/export-fields.ts';
import type { NoticeTarget } from './fields/notice-fields.ts';
import type { ShareSpec } from './fields/share-fields.ts';

/** Changes that are named; more are counted. */
const MAX_CHANGES = 12;
/** Items that are named of those added to a list, and of those removed; more are counted. */
const MAX_ITEMS = 4;
/** Characters of a value. */
const MAX_VALUE = 80;

const DURATIONS = ['snapshot-every', 'within', 'block-for', 'most'];
/** Options that take effect at the next start only. */
const AT_START = ['state', 'control-group'];

/** Before the name of a keyword: what it stands for may change without the policy. */
const KEYWORD = 'allow.';

/** The values of options by their names in policy.yml, such as `rules.auth-failures.limit`. */
type Options = Map<string, string | readonly string[]>;

/**
 * @returns such as `log.level: info -> debug`, `allow: +192.0.2.1 -198.51.100.0/24` and `rules: +mine`; empty where
 * nothing differs
 */
export function policyChanges(before: Config, after: Config): readonly string[] {
  const [old, now] = [optionsOf(before), optionsOf(after)];
  const names = [...new Set([...now.keys(), ...old.keys()])];
  // What is added or removed is one change, not one of each of its parts.
  const isOfBoth = (name: string) => !isPart(name) || [old, now].every((options) => hasWhole(options, name));
  const changes = names.filter(isOfBoth).flatMap((name) => difference(name, old.get(name), now.get(name)));
  const more = changes.length - MAX_CHANGES;
  return more > 0 ? [...changes.slice(0, MAX_CHANGES), `${more} more`] : changes;
}

/** An option of a rule, or the networks of a keyword. */
function isPart(name: string): boolean {
  return name.startsWith('rules.') || name.startsWith(KEYWORD);
}

function hasWhole(options: Options, part: string): boolean {
  if (part.startsWith(KEYWORD)) return options.has(part);
  return options.get('rules')?.includes(part.split('.', 2)[1] ?? '') === true;
}

function optionsOf({
  allow,
  rules,
  listen,
  shareState,
  metrics,
  onBlock,
  exports,
  ...rest
}: Config): Options {
  const options: Options = new Map();
  options.set(
    'rules',
    rules.map(({ name }) => name),
  );
  options.set('listen', listen.map(listenerText));
  options.set('allow', allow.map(itemText));
  if (shareState !== undefined) options.set('share-state', shareText(shareState));
  if (exports !== undefined) options.set('export', exports.map(exportText));
  if (onBlock !== undefined) options.set('on-block', onBlock.map(targetText));
  if (metrics !== undefined) options.set('metrics', listenerText(metrics));
  for (const [name, value] of Object.entries(rest)) add(options, optionName(name), value);
  for (const item of allow) addNetworks(options, item);
  for (const { name: rule, ...terms } of rules)
    for (const [name, value] of Object.entries(terms))
      add(options, `rules.${rule}.${optionName(name)}`, value);
  return options;
}

function addNetworks(options: Options, item: AllowItem): void {
  if (typeof item !== 'string') options.set(`${KEYWORD}${item.keyword}`, item.networks);
}

function add(options: Options, name: string, value: unknown): void {
  if (value === undefined) return;
  if (Array.isArray(value)) options.set(name, value.map(itemValue));
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) add(options, `${name}.${optionName(key)}`, part);
  else options.set(name, valueText(name, value));
}

function valueText(name: string, value: unknown): string {
  const last = name.slice(name.lastIndexOf('.') + 1);
  if (typeof value !== 'number') return String(value);
  if (DURATIONS.includes(last)) return durationText(value);
  return last === 'share' ? `${Number((value * 100).toFixed(6))}%` : String(value);
}

function itemValue(item: unknown): string {
  return typeof item === 'string' ? item : JSON.stringify(item);
}

function listenerText(spec: ListenSpec): string {
  if (spec.type === 'inet') return `inet:${spec.host}:${spec.port}`;
  const { path, mode, group } = spec;
  return `unix:${path} mode ${mode.toString(8).padStart(4, '0')}${group === undefined ? '' : ` group ${group}`}`;
}

/** As in policy.yml, those first that differ between hosts. */
function shareText({ urls, kind, master, user, prefix, host, timeout, ...files }: ShareSpec): string {
  const parts = {
    host,
    url: urls.join(','),
    cluster: kind === 'cluster' ? true : undefined,
    sentinel: master,
    user,
    'password-file': files.passwordFile,
    'sentinel-user': files.sentinelUser,
    'sentinel-password-file': files.sentinelPasswordFile,
    'ca-file': files.caFile,
    prefix,
    timeout: durationText(timeout),
  };
  const named = Object.entries(parts).filter(([, value]) => value !== undefined);
  return named.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Without the path of a webhook, which is often a secret: a digest of the URL shows that it changed. */
function targetText(target: NoticeTarget): string {
  const { type, events, rules, timeout } = target;
  const what =
    type === 'command'
      ? target.command.join(' ')
      : `${new URL(target.url).origin} ${digest(target.url)} ${target.format} ${target.secretFile ?? ''}`.trimEnd();
  const only = rules === undefined ? '' : ` rules ${rules.join(',')}`;
  return `${type} ${what} events ${events.join(',')}${only} timeout ${durationText(timeout)}`;
}

function exportText({ format, file, mode, rules }: ExportSpec): string {
  const only = rules === undefined ? '' : ` rules ${rules.join(',')}`;
  return `${format} ${file} mode ${mode.toString(8).padStart(4, '0')}${only}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

type Value = string | readonly string[] | undefined;

function difference(name: string, before: Value, after: Value): readonly string[] {
  if (typeof before === 'object' || typeof after === 'object') {
    const change = listChange(listOf(before), listOf(after), name === 'rules');
    return change === '' ? [] : [`${name}: ${change}`];
  }
  if (before === after) return [];
  const when = AT_START.includes(name) ? ' at the next start' : '';
  return [`${name}: ${shown(before)} -> ${shown(after)}${when}`];
}

/** A value that takes the place of a list, such as another kind of maillog, is a list of one. */
function listOf(value: Value): readonly string[] {
  return value === undefined ? [] : [value].flat();
}

/** @param isOrdered the order has a meaning */
function listChange(before: readonly string[], after: readonly string[], isOrdered: boolean): string {
  const [old, now] = [new Set(before), new Set(after)];
  const added = after.filter((item) => !old.has(item));
  const removed = before.filter((item) => !now.has(item));
  if (added.length + removed.length > 0) return [...items('+', added), ...items('-', removed)].join(' ');
  return isOrdered && before.join() !== after.join() ? `in the order ${items('', after).join(', ')}` : '';
}

function items(sign: string, all: readonly string[]): readonly string[] {
  const more = all.length - MAX_ITEMS;
  const named = all.slice(0, MAX_ITEMS).map((item) => `${sign}${shown(item)}`);
  return more > 0 ? [...named, `${sign}(${more} more)`] : named;
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'not set';
  return value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value;
}

/** `snapshotEvery` -> `snapshot-every` */
export function optionName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
