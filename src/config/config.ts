// policy.yml: text to Config, or every mistake in it. Reads no file and looks nothing up.

import { dirname, isAbsolute, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { DAY } from '../blocks/duration.ts';
import type { Rule } from '../blocks/rules.ts';
import type { MaillogSpec } from '../maillog/sources.ts';
import type { ListenSpec } from '../policy/server.ts';
import { Fields, type Mistake, type Place } from './fields.ts';
import { readAllowed, readDuration, readRule } from './rule-fields.ts';

export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

/** A whole policy. Durations in ms, paths absolute. */
export interface Config {
  readonly listen: readonly ListenSpec[];
  readonly maillog: MaillogSpec;
  readonly state: string;
  readonly snapshotEvery: number;
  readonly ipv6Prefix: number;
  /** networks, and client names in lower case */
  readonly allow: readonly string[];
  readonly maxTracked: number;
  readonly log: LogSpec;
  readonly rules: readonly Rule[];
}

/** The daemon's own log. */
export interface LogSpec {
  readonly level: Level;
  readonly format: 'text' | 'json';
  /** undefined: standard output */
  readonly file?: string | undefined;
}

export type ParsedConfig =
  | { readonly config: Config; readonly mistakes?: undefined }
  | { readonly config?: undefined; readonly mistakes: readonly Mistake[] };

const DEFAULT_LISTEN: readonly ListenSpec[] = [{ type: 'inet', host: '127.0.0.1', port: 10040 }];
const DEFAULT_LOG: LogSpec = { level: 'info', format: 'text' };
const INET = /^(?:\[([0-9A-Fa-f:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})|(localhost)):(\d{1,5})$/;

/**
 * @param text the content of policy.yml
 * @param path where it stands; relative paths in it begin at its folder
 */
export function parseConfig(text: string, path: string): ParsedConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fields = new Fields(document, lines);
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    fields.mistakes.push({ line, column: col, key: '', message: `${error.message}; expected YAML` });
  }
  const config =
    fields.mistakes.length === 0 ? readConfig(fields, document.contents, dirname(resolve(path))) : undefined;
  if (config !== undefined && fields.mistakes.length === 0) return { config: Object.freeze(config) };
  return { mistakes: fields.mistakes.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** `policy.yml:LINE:COL: KEY: what is wrong and what was expected` */
export function mistakeText(path: string, { line, column, key, message }: Mistake): string {
  return `${path}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
}

function readConfig(fields: Fields, contents: unknown, folder: string): Config | undefined {
  const top = fields.map({ key: '', node: contents }, 'options such as listen, maillog and rules');
  if (top === undefined) return undefined;
  const path = (place: Place) => readPath(place, fields, folder);
  const config = {
    listen: top.optional('listen', (at) => readListeners(at, fields, folder), DEFAULT_LISTEN),
    maillog: top.optional('maillog', (at) => readMaillog(at, fields, path), { type: 'auto' } as const),
    state: top.optional('state', path, resolve(folder, 'state')),
    snapshotEvery: top.optional('snapshot-every', (at) => readDuration(at, fields, 1000, DAY), 60_000),
    ipv6Prefix: top.optional('ipv6-prefix', (at) => fields.integer(at, 1, 128), 64),
    allow: top.optional('allow', (at) => fields.list(at, 'networks and client names', readAllowed), []),
    maxTracked: top.optional('max-tracked', (at) => fields.integer(at, 1000, 100_000_000), 1_000_000),
    log: top.optional('log', (at) => readLog(at, fields, path), DEFAULT_LOG),
    rules: top.required('rules', (at) => readRules(at, fields)),
  };
  top.finish();
  return Object.values(config).includes(undefined) ? undefined : (config as Config);
}

function readRules(place: Place, fields: Fields): readonly Rule[] | undefined {
  const rules = fields.map(place, 'rules by name');
  const found = rules?.entries((name, at) => readRule(name, at, fields));
  if (found?.length === 0 && fields.mistakes.length === 0)
    return fields.wrong(place, 'is empty; expected at least one rule');
  return found;
}

function readListeners(place: Place, fields: Fields, folder: string): readonly ListenSpec[] | undefined {
  const expected = 'a list of - inet: ADDRESS:PORT and - unix: PATH';
  const listeners = fields.list(place, expected, (at) => readListener(at, fields, folder));
  if (listeners?.length === 0 && fields.mistakes.length === 0)
    return fields.wrong(place, `is empty; expected ${expected}`);
  return listeners;
}

function readListener(place: Place, fields: Fields, folder: string): ListenSpec | undefined {
  const options = fields.map(place, 'inet: ADDRESS:PORT, or unix: PATH with mode and group');
  if (options === undefined) return undefined;
  if (options.has('unix')) {
    const path = options.required('unix', (at) => readPath(at, fields, folder));
    const mode = options.optional('mode', (at) => readMode(at, fields), 0o660);
    const group = options.optional('group', (at) => fields.text(at, 'the name of a group'), undefined);
    options.finish();
    return path === undefined || mode === undefined ? undefined : { type: 'unix', path, mode, group };
  }
  const inet = options.required('inet', (at) => readInet(at, fields));
  options.finish();
  return inet;
}

function readInet(place: Place, fields: Fields): ListenSpec | undefined {
  const expected = '127.0.0.1:10040 or [::1]:10040';
  const text = fields.text(place, expected);
  if (text === undefined) return undefined;
  const [, ipv6, ipv4, name, port] = INET.exec(text) ?? [];
  const host = ipv6 ?? ipv4 ?? name;
  if (host === undefined || Number(port) > 65_535) {
    return fields.wrong(place, `${JSON.stringify(text)} is no address with a port; expected ${expected}`);
  }
  return { type: 'inet', host, port: Number(port) };
}

function readMode(place: Place, fields: Fields): number | undefined {
  const text = fields.source(place);
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  return fields.wrong(place, `${JSON.stringify(text)} is no file mode; expected octal digits such as "0660"`);
}

function readMaillog(
  place: Place,
  fields: Fields,
  path: (place: Place) => string | undefined,
): MaillogSpec | undefined {
  const expected = 'auto, {file: PATH}, {files: [PATH, …]} or {journal: {unit, directory}}';
  if (fields.isScalar(place)) return fields.oneOf(place, ['auto']) && { type: 'auto' };
  const options = fields.map(place, expected);
  if (options === undefined) return undefined;
  const file = options.optional('file', path, undefined);
  const files = options.optional('files', (at) => fields.list(at, 'a list of paths', path), undefined);
  const journal = options.optional('journal', (at) => readJournal(at, fields, path), undefined);
  options.finish();
  if (['file', 'files', 'journal'].filter((name) => options.has(name)).length !== 1 || files?.length === 0) {
    return fields.wrong(place, `names no log, or more than one kind; expected ${expected}`);
  }
  if (journal !== undefined) return { type: 'journal', ...journal };
  return { type: 'files', files: [...new Set(file === undefined ? files : [file])] };
}

function readJournal(place: Place, fields: Fields, path: (place: Place) => string | undefined) {
  const options = fields.map(
    place,
    'a mapping, {} for the mail facility of the host, or with unit or directory',
  );
  const unit = options?.optional(
    'unit',
    (at) => fields.text(at, 'a systemd unit such as postfix@-.service'),
    undefined,
  );
  const directory = options?.optional('directory', path, undefined);
  options?.finish();
  return options && { unit, directory };
}

function readLog(
  place: Place,
  fields: Fields,
  path: (place: Place) => string | undefined,
): LogSpec | undefined {
  const options = fields.map(place, 'level, format and file');
  const level = options?.optional('level', (at) => fields.oneOf(at, LEVELS), DEFAULT_LOG.level);
  const format = options?.optional(
    'format',
    (at) => fields.oneOf(at, ['text', 'json'] as const),
    DEFAULT_LOG.format,
  );
  const file = options?.optional('file', path, undefined);
  options?.finish();
  return level === undefined || format === undefined ? undefined : { level, format, file };
}

function readPath(place: Place, fields: Fields, folder: string): string | undefined {
  const text = fields.text(place, 'a path');
  if (text?.includes('\0')) return fields.wrong(place, 'holds a NUL; expected a path');
  return text === undefined || isAbsolute(text) ? text : resolve(folder, text);
}
