// An installation that every user may read; the checkout itself may be closed to others.

import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './folder.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
}

/** @returns the path of its command, to be run with node */
export function installedCli(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const { packages } = JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8')) as Lock;
  const used = Object.entries(packages).filter(
    ([path, { dev, optional }]) => path !== '' && !dev && !optional,
  );
  mkdirSync(join(folder, 'dist'));
  for (const path of ['package.json', 'dist/src', ...used.map(([path]) => path)])
    cpSync(join(CHECKOUT, path), join(folder, path), { recursive: true });
  return join(folder, 'dist', 'src', 'cli.js');
}
