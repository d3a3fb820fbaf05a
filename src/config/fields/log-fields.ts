// The options maillog:, zone: and log: of policy.yml.

import type { MaillogSpec } from '../../maillog/sources/sources.ts';
import { isZoneName } from '../../maillog/syslog/zone.ts';
import type { Fields, OptionNode } from './fields.ts';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** The daemon's own log. */
export interface LogSpec {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly format: 'text' | 'json';
  /** undefined: standard output */
  readonly file?: string | undefined;
}

const DEFAULT: LogSpec = { level: 'info', format: 'text' };

const MAILLOG =
  'auto, journal, a path such as /var/log/mail.log, {file: PATH}, {files: [PATH, …]} or {journal: {unit, container, directory}}';

type ReadPath = (place: OptionNode) => string | undefined;

export function readMaillog(place: OptionNode, fields: Fields, path: ReadPath): MaillogSpec | undefined {
  if (fields.isText(place)) return readPlainMaillog(place, fields, path);
  const options = fields.map(place, MAILLOG);
  if (options === undefined) return undefined;
  const kinds = ['file', 'files', 'journal'].filter((name) => options.has(name));
  const file = options.optional('file', path, undefined);
  const files = options.optional('files', (at) => fields.filledList(at, 'a list of paths', path), undefined);
  const journal = options.optional('journal', (at) => readJournal(at, fields, path), undefined);
  options.finish();
  if (kinds.length !== 1)
    return fields.wrong(place, `names ${kinds.length} kinds of log; expected one: ${MAILLOG}`);
  if (journal !== undefined) return { type: 'journal', ...journal };
  const paths = file === undefined ? files : [file];
  return paths && { type: 'files', files: [...new Set(paths)] };
}

/** A path or the word journal alone mean what they name. */
function readPlainMaillog(place: OptionNode, fields: Fields, path: ReadPath): MaillogSpec | undefined {
  const source = fields.source(place);
  if (source === 'auto') return { type: 'auto' };
  if (source === 'journal') return { type: 'journal' };
  if (source.includes('/')) {
    const file = path(place);
    return file === undefined ? undefined : { type: 'files', files: [file] };
  }
  return fields.wrong(place, `${JSON.stringify(source.slice(0, 60))} is not a log; expected ${MAILLOG}`);
}

function readJournal(place: OptionNode, fields: Fields, path: ReadPath) {
  if (fields.isEmpty(place)) return {};
  const options = fields.map(place, '{} for the mail facility of this host, or unit, container or directory');
  const unit = options?.optional(
    'unit',
    (at) => fields.text(at, 'a unit such as postfix@-.service'),
    undefined,
  );
  const container = options?.optional(
    'container',
    (at) => fields.text(at, 'the name of a container'),
    undefined,
  );
  const directory = options?.optional('directory', path, undefined);
  options?.finish();
  return options && { unit, ...(container === undefined ? {} : { container }), directory };
}

export function readZone(place: OptionNode, fields: Fields): string | undefined {
  const expected = 'a name of the tz database such as Europe/Berlin or UTC';
  const name = fields.text(place, expected);
  if (name === undefined || isZoneName(name)) return name;
  return fields.wrong(
    place,
    `${JSON.stringify(name.slice(0, 60))} is not a known time zone; expected ${expected}`,
  );
}

export function readLog(place: OptionNode, fields: Fields, path: ReadPath): LogSpec | undefined {
  const options = fields.map(place, 'level, format and file');
  const level = options?.optional('level', (at) => fields.oneOf(at, LEVELS), DEFAULT.level);
  const format = options?.optional(
    'format',
    (at) => fields.oneOf(at, ['text', 'json'] as const),
    DEFAULT.format,
  );
  const file = options?.optional('file', path, undefined);
  options?.finish();
  return level === undefined || format === undefined ? undefined : { level, format, file };
}
