// A root directory of Debian 13, made once on a machine by mmdebstrap(1), cached, and never written to.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Component, hasCommand } from './real.ts';

const SUITE = 'trixie';

/** The packages of a mail host, those that `test/postfix` needs, Valkey, and debhelper, which builds the package. */
const PACKAGES = [
  'postfix',
  'dovecot-core',
  'nodejs',
  'npm',
  'valkey-server',
  'adduser',
  'dbus',
  'debhelper',
  'iproute2',
  'logrotate',
  'man-db',
  'procps',
  'systemd',
  'systemd-sysv',
  'systemd-journal-remote',
];

/** Where the root has the packages of rsyslog: a host with journald alone does not install them. */
export const RSYSLOG_PACKAGES = '/var/lib/rsyslog-packages';

const ARGUMENTS = [
  '--mode=root',
  '--variant=minbase',
  `--include=${PACKAGES.join(',')}`,
  `--customize-hook=mkdir -p "$1"${RSYSLOG_PACKAGES}/partial`,
  `--customize-hook=chroot "$1" apt-get --yes --download-only -o Dir::Cache::archives=${RSYSLOG_PACKAGES} install rsyslog`,
  SUITE,
];

/** ms after which a new root is made, for Debian's updates */
const AGE = 30 * 24 * 3_600_000;

const CACHE = process.env.POSTBLOCK_TEST_CACHE ?? '/var/cache/postblock-test';

/** The root for these arguments and this month: another list of packages gives another root. */
export const DEBIAN_13_PATH = join(
  CACHE,
  `debian-13-${hash(ARGUMENTS.join('\n'))}-${Math.floor(Date.now() / AGE)}`,
);

let isThere: boolean | undefined;

const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const LOADER = process.arch === 'arm64' ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';

/** Runs the root's valkey-server on this host, with the libraries of the root. */
export const VALKEY_COMMAND = [
  `${DEBIAN_13_PATH}${LOADER}`,
  '--library-path',
  `${DEBIAN_13_PATH}/usr/lib/${MACHINE}-linux-gnu`,
  `${DEBIAN_13_PATH}/usr/bin/valkey-server`,
] as const;

export const DEBIAN_13: Component = {
  name: 'a Debian 13',
  remedy:
    'apt-get install mmdebstrap systemd-container iproute2, and run the tests as root, where Debian’s mirror answers',
  isThere: () => {
    const tools = ['mmdebstrap', 'systemd-nspawn', 'unshare', 'setpriv'];
    isThere ??= process.getuid?.() === 0 && tools.every(hasCommand) && (existsSync(DEBIAN_13_PATH) || make());
    return isThere;
  },
};

/** @returns whether there is a root afterwards */
function make(): boolean {
  console.error(`making a Debian 13 in ${DEBIAN_13_PATH}: a minute or two, once a month`);
  mkdirSync(CACHE, { recursive: true });
  removeOld();
  const fresh = `${DEBIAN_13_PATH}.${process.pid}`;
  const { status, stderr } = spawnSync('mmdebstrap', [...ARGUMENTS, fresh, mirror()], { encoding: 'utf8' });
  if (status !== 0) console.error(`mmdebstrap ended with status ${status}:\n${stderr.slice(-1500)}`);
  // Another run may have been faster.
  else if (!existsSync(DEBIAN_13_PATH)) renameSync(fresh, DEBIAN_13_PATH);
  rmSync(fresh, { recursive: true, force: true });
  return existsSync(DEBIAN_13_PATH);
}

function removeOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > 2 * AGE) rmSync(path, { recursive: true, force: true });
  }
}

/** The Debian mirror of this host's apt. */
function mirror(): string {
  const fields = ['Origin: Debian', 'Label: Debian', 'Created-By: Packages'];
  const sites = execFileSync('apt-get', ['indextargets', '--format', '$(SITE)', ...fields], {
    encoding: 'utf8',
  });
  return sites.split('\n', 1)[0] || 'http://deb.debian.org/debian';
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
