// The option on-block: of policy.yml: who gets a notice of what happens.

import { isAbsolute } from 'node:path';
import { MINUTE, SECOND } from '../../values/duration.ts';
import { readDuration } from './duration-field.ts';
import type { Fields, MapFields, OptionNode } from './fields.ts';
import { readRuleNames } from './rule-names.ts';

/** What a notice can report. */
export const NOTICE_KINDS = ['block', 'spared', 'end', 'breaker', 'trouble'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** What an argument of a command may hold: each stands for a value that no client writes. */
export const PLACEHOLDERS = ['event', 'ip', 'rule', 'until', 'total', 'host', 'text'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Body of a webhook: the notice as JSON, or `{"text": …}` for Slack and those that understand the same. */
export const NOTICE_FORMATS = ['json', 'slack'] as const;

interface TargetBase {
  readonly events: readonly NoticeKind[];
  /** names of rules; undefined: all */
  readonly rules?: readonly string[] | undefined;
  /** ms that a command or a request may take */
  readonly timeout: number;
}

export interface CommandTarget extends TargetBase {
  readonly type: 'command';
  /** an absolute path, and arguments with placeholders */
  readonly command: readonly string[];
}

export interface WebhookTarget extends TargetBase {
  readonly type: 'webhook';
  /** http: or https: */
  readonly url: string;
  /** absolute path of the file with the key of the signature */
  readonly secretFile?: string | undefined;
  readonly format: (typeof NOTICE_FORMATS)[number];
}

export type NoticeTarget = CommandTarget | WebhookTarget;

type ReadPath = (place: OptionNode) => string | undefined;

/** What an administrator wants to know at once: a block that is over needs nobody, and neither does a spared client. */
const DEFAULT_EVENTS: readonly NoticeKind[] = ['block', 'breaker', 'trouble'];
const DEFAULT_TIMEOUT = 10_000;
const MAX_TARGETS = 16;
const MAX_ARGUMENTS = 64;
const EXPECTED = 'targets such as - webhook: https://hooks.example.org/postblock';
const PLACEHOLDER = /\{([a-z]+)\}/g;

/** @param rules the names of all rules, where these could be read */
export function readNotices(
  place: OptionNode,
  fields: Fields,
  path: ReadPath,
  rules: readonly string[] | undefined,
): readonly NoticeTarget[] | undefined {
  const targets = fields.list(place, EXPECTED, (at) => readTarget(at, fields, path, rules));
  if (targets === undefined || targets.length <= MAX_TARGETS) return targets;
  return fields.wrong(place, `has too many targets; expected at most ${MAX_TARGETS}`);
}

function readTarget(
  place: OptionNode,
  fields: Fields,
  path: ReadPath,
  rules: readonly string[] | undefined,
): NoticeTarget | undefined {
  const options = fields.map(place, 'command or webhook');
  if (options === undefined) return undefined;
  const isCommand = options.has('command');
  const action = isCommand ? readCommandTarget(options) : readWebhookTarget(options, path);
  const events = options.optional('events', readKinds, DEFAULT_EVENTS);
  const only = options.optional('rules', (at) => readRuleNames(at, fields, rules), 'all' as const);
  const timeout = options.optional(
    'timeout',
    (at) => readDuration(at, fields, SECOND, MINUTE),
    DEFAULT_TIMEOUT,
  );
  if (isCommand && options.has('webhook')) {
    options.optional('webhook', readUrl, undefined);
    return fields.wrong(place, 'has both command and webhook; expected one of them');
  }
  options.finish();
  if (action === undefined || events === undefined || only === undefined || timeout === undefined)
    return undefined;
  return { ...action, events, timeout, ...(only === 'all' ? {} : { rules: only }) };
}

function readCommandTarget(options: MapFields): Pick<CommandTarget, 'type' | 'command'> | undefined {
  const command = options.required('command', readCommand, '[/usr/local/bin/notify, "{ip}"]');
  return command && { type: 'command', command };
}

function readWebhookTarget(
  options: MapFields,
  path: ReadPath,
): Pick<WebhookTarget, 'type' | 'url' | 'secretFile' | 'format'> | undefined {
  const url = options.required('webhook', readUrl, 'https://hooks.example.org/postblock');
  const secretFile = options.optional('secret-file', path, undefined);
  const format = options.optional('format', (at, fields) => fields.oneOf(at, NOTICE_FORMATS), 'json');
  if (url === undefined || format === undefined) return undefined;
  return { type: 'webhook', url, format, ...(secretFile === undefined ? {} : { secretFile }) };
}

function readKinds(place: OptionNode, fields: Fields): readonly NoticeKind[] | undefined {
  return fields.filledList(place, NOTICE_KINDS.join(', '), (at) => fields.oneOf(at, NOTICE_KINDS));
}

function readCommand(place: OptionNode, fields: Fields): readonly string[] | undefined {
  const expected = 'a list of the path of a program and its arguments';
  const words = fields.filledList(place, expected, readArgument);
  const [program] = words ?? [];
  if (words === undefined || program === undefined) return undefined;
  if (!isAbsolute(program) || program.includes('{'))
    return fields.wrong(place, 'does not begin with an absolute path; expected one without placeholders');
  if (words.length <= MAX_ARGUMENTS) return words;
  return fields.wrong(place, `has too many arguments; expected at most ${MAX_ARGUMENTS}`);
}

function readArgument(place: OptionNode, fields: Fields): string | undefined {
  const expected = `text, with ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`;
  const text = fields.text(place, expected);
  if (text === undefined) return undefined;
  if (text.includes('\0')) return fields.wrong(place, 'holds a NUL; expected text');
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  const unknown = names.find((name) => !PLACEHOLDERS.some((known) => known === name));
  if (unknown === undefined) return text;
  return fields.wrong(place, `holds {${unknown.slice(0, 60)}}, which is not known; expected ${expected}`);
}

/** The path of a webhook is often a secret, so that no message repeats the URL. */
function readUrl(place: OptionNode, fields: Fields): string | undefined {
  const expected = 'http://HOST/PATH or https://HOST/PATH';
  const text = fields.text(place, expected);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    return fields.wrong(place, `is not a URL of a webhook; expected ${expected}`);
  if (url.username === '' && url.password === '') return url.href;
  return fields.wrong(place, 'holds a user or a password; expected a URL without, and secret-file');
}
