// The option export: of policy.yml: files with the blocked clients, for programs in front of smtpd.

import { EXPORT_FORMATS, type ExportFormat } from './export-formats.ts';
import type { Fields, OptionNode } from './fields.ts';
import { readMode } from './listen-fields.ts';
import { readRuleNames } from './rule-names.ts';

export interface ExportSpec {
  readonly format: ExportFormat;
  /** absolute path */
  readonly file: string;
  readonly mode: number;
  /** names of rules; undefined: those that do not pass clients that have logged in */
  readonly rules?: readonly string[] | undefined;
}

const MAX_FILES = 16;
const DEFAULT_MODE = 0o640;

/** @param rules the names of all rules, where these could be read */
export function readExports(
  place: OptionNode,
  fields: Fields,
  path: (place: OptionNode) => string | undefined,
  rules: readonly string[] | undefined,
): readonly ExportSpec[] | undefined {
  const expected = 'files such as - {format: plain, file: /var/lib/postblock/blocked}';
  const files = fields.list(place, expected, (at) => readExport(at, fields, path, rules));
  if (files === undefined) return undefined;
  if (files.length > MAX_FILES)
    return fields.wrong(place, `has too many files; expected at most ${MAX_FILES}`);
  return files;
}

function readExport(
  place: OptionNode,
  fields: Fields,
  path: (place: OptionNode) => string | undefined,
  rules: readonly string[] | undefined,
): ExportSpec | undefined {
  const options = fields.map(place, 'format and file');
  if (options === undefined) return undefined;
  const format = options.required('format', (at) => fields.oneOf(at, EXPORT_FORMATS), 'plain');
  const file = options.required('file', path, '/var/lib/postblock/blocked');
  const mode = options.optional('mode', (at) => readMode(at, fields), DEFAULT_MODE);
  const only = options.optional('rules', (at) => readRuleNames(at, fields, rules), 'usual' as const);
  options.finish();
  if (format === undefined || file === undefined || mode === undefined || only === undefined)
    return undefined;
  return { format, file, mode, ...(only === 'usual' ? {} : { rules: only }) };
}
