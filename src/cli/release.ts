// The version of this release and its date, from package.json.

import { readFileSync, statSync } from 'node:fs';

const PACKAGE = new URL('../../../package.json', import.meta.url);

export function version(): string {
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
}

/** As in 2026-11-23. */
export function releaseDate(): string {
  return statSync(PACKAGE).mtime.toISOString().slice(0, 10);
}
