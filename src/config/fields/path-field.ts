// Paths in policy.yml: absolute, or relative to the directory of the file.

import { isAbsolute, resolve } from 'node:path';
import type { Fields, OptionNode } from './fields.ts';

/** @param folder that of policy.yml @returns an absolute path; undefined after a mistake, which it has reported */
export function readPath(place: OptionNode, fields: Fields, folder: string): string | undefined {
  const text = fields.text(place, 'a path');
  if (text?.includes('\0')) return fields.wrong(place, 'holds a NUL; expected a path');
  return text === undefined || isAbsolute(text) ? text : resolve(folder, text);
}
