// The Debian package, built by contrib/debian/build from a copy of the checkout, and its content.

import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';
import { ROOT } from './readme.ts';

/** What the build reads of a checkout. */
const SOURCES = ['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'policy.yml', 'src', 'contrib'];

const CHANGELOG = 'contrib/debian/changelog';

export const VERSION = versionOf(readFileSync(join(ROOT, 'package.json'), 'utf8'));

interface Way {
  readonly version?: string;
  /** the version of the newest entry in the changelog. Default: version */
  readonly changelog?: string;
  /** added to the environment of the build */
  readonly environment?: Readonly<Record<string, string>>;
  /** octal */
  readonly umask?: string;
}

let shared: string | undefined;

/** @returns the path of the package of this checkout, which the process builds once */
export function sharedPackage(): string {
  shared ??= builtPackage();
  return shared;
}

/** @returns the path of a package that is built for the caller */
export function builtPackage(way: Way = {}): string {
  const { version = VERSION, changelog = version, environment = {}, umask = '022' } = way;
  const checkout = temporaryFolder();
  for (const name of SOURCES) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  for (const [name, before, after] of [
    ['package.json', `"version": "${VERSION}"`, `"version": "${version}"`],
    [CHANGELOG, `postblock (${VERSION})`, `postblock (${changelog})`],
  ] as const) {
    const path = join(checkout, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(before, after));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const folder = temporaryFolder();
  execFileSync(
    'sh',
    ['-ec', `umask ${umask}; exec "$0" "$@"`, join(checkout, 'contrib/debian/build'), folder],
    {
      env: { ...process.env, ...environment },
      stdio: 'pipe',
    },
  );
  const [name = ''] = readdirSync(folder);
  return join(folder, name);
}

/** Unpacks a package. @returns the folder with its files, and those of its control archive in DEBIAN */
export function unpacked(path: string): string {
  const folder = temporaryFolder();
  execFileSync('dpkg-deb', ['--raw-extract', path, join(folder, 'files')]);
  return join(folder, 'files');
}

function versionOf(manifest: string): string {
  return (JSON.parse(manifest) as { version: string }).version;
}
