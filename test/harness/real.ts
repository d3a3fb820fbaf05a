// Suites that need a real component: reported as left out where it is missing, failing where all must run.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** With this set, a missing component is a failure: nothing may be left out. */
const mustHaveAll = process.env.POSTBLOCK_TEST_ALL === '1';

export const leftOut: { suite: string; missing: string; remedy: string }[] = [];

export interface Component {
  readonly name: string;
  /** how to install it on a Debian host */
  readonly remedy: string;
  isThere(): boolean;
}

export const POSTFIX: Component = {
  name: 'Postfix (and root, as which it must be started)',
  remedy: 'apt-get install postfix dovecot-core, and run the tests as root',
  isThere: () =>
    process.getuid?.() === 0 && hasCommand('/usr/sbin/postfix') && hasCommand('/usr/sbin/dovecot'),
};

export const JOURNAL: Component = {
  name: 'journalctl with systemd-journal-remote',
  remedy: 'apt-get install systemd systemd-journal-remote',
  isThere: () => hasCommand('journalctl') && hasCommand('/lib/systemd/systemd-journal-remote'),
};

export const ROOT: Component = {
  name: 'root, who can become another user',
  remedy: 'run the tests as root',
  isThere: () => process.getuid?.() === 0 && hasCommand('setpriv'),
};

export const SYSTEMD: Component = {
  name: 'systemd-analyze',
  remedy: 'apt-get install systemd',
  isThere: () => hasCommand('systemd-analyze'),
};

export const XZ: Component = {
  name: 'xz',
  remedy: 'apt-get install xz-utils',
  isThere: () => hasCommand('xz'),
};

export const ZSTD: Component = {
  name: 'zstd',
  remedy: 'apt-get install zstd',
  isThere: () => hasCommand('zstd'),
};

export const MOUNT: Component = {
  name: 'the right to mount a tmpfs',
  remedy: 'run the tests as root, in a container with CAP_SYS_ADMIN',
  isThere: () => runs('unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'),
};

export const NAMESPACES: Component = {
  name: 'the right to make network namespaces, with ip(8)',
  remedy: 'apt-get install iproute2 util-linux, and run the tests as root, in a container with CAP_SYS_ADMIN',
  isThere: () =>
    hasCommand('nsenter') &&
    hasCommand('setpriv') &&
    runs('unshare', '--net', 'ip', 'link', 'add', 'name', 'one', 'type', 'veth', 'peer', 'name', 'two'),
};

export const NO_OVERRIDE: Component = {
  name: 'setpriv, and the right to take capabilities from root',
  remedy: 'apt-get install util-linux, and run the tests as root',
  isThere: () => process.getuid?.() === 0 && runs('setpriv', '--bounding-set=-dac_override', 'true'),
};

export const NFT: Component = {
  name: 'nft, and the right to make network namespaces',
  remedy: 'apt-get install nftables, and run the tests as root, in a container with CAP_SYS_ADMIN',
  isThere: () => runs('unshare', '--net', 'nft', 'list', 'ruleset'),
};

export const HAPROXY: Component = {
  name: 'haproxy',
  remedy: 'apt-get install haproxy',
  isThere: () => hasCommand('haproxy'),
};

export const POSTMAP: Component = {
  name: 'postmap of Postfix',
  remedy: 'apt-get install postfix',
  isThere: () => hasCommand('postmap'),
};

/** What a command is run through to reach the limit of inotify instances at once: its log is polled. */
export const WITHOUT_INOTIFY: readonly string[] = [
  'unshare',
  '--map-root-user',
  'sh',
  '-c',
  'echo 0 >/proc/sys/user/max_inotify_instances && exec "$0" "$@"',
];

export const INOTIFY_LIMIT: Component = {
  name: 'the right to limit inotify in a user namespace',
  remedy: 'run the tests where unprivileged user namespaces are allowed, or as root',
  isThere: () => runs('env', ...WITHOUT_INOTIFY, 'true'),
};

const FAKETIME_LIBRARY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

export const FAKETIME: Component = {
  name: 'libfaketime',
  remedy: 'apt-get install faketime',
  isThere: () => FAKETIME_LIBRARY !== undefined,
};

/** libfaketime: makes a process see a clock that the content of a file sets, such as `+3600`. */
export function fakedBy(file: string): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: FAKETIME_LIBRARY ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}

/** The hard limit of open files, to which Node raises its own. */
export function mayOpen(count: number): Component {
  return {
    name: `a limit of ${count} open files`,
    remedy: `ulimit -Hn ${count}, as root`,
    isThere: () => {
      const [, hard] = /^Max open files\s+\d+\s+(\d+|unlimited)/m.exec(read('/proc/self/limits')) ?? [];
      return hard === 'unlimited' || Number(hard) >= count;
    },
  };
}

export const DEBHELPER: Component = {
  name: 'debhelper with lintian',
  remedy: 'apt-get install debhelper lintian',
  isThere: () => hasCommand('dpkg-buildpackage') && hasCommand('dh') && hasCommand('lintian'),
};

export const CHROMIUM_PATH = '/usr/bin/chromium';

export const CHROMIUM: Component = {
  name: 'Chromium with pdftotext',
  remedy: 'apt-get install chromium poppler-utils',
  isThere: () => hasCommand(CHROMIUM_PATH) && hasCommand('pdftotext'),
};

export const PROMETHEUS: Component = {
  name: 'Prometheus with promtool',
  remedy: 'apt-get install prometheus',
  isThere: () => hasCommand('prometheus') && hasCommand('promtool'),
};

/** Both of two components. */
export function both(one: Component, other: Component): Component {
  const missing = one.isThere() ? other : one;
  return { ...missing, isThere: () => one.isThere() && other.isThere() };
}

/** describe() for a suite that needs a component. */
export function describeReal(suite: string, component: Component, body: (this: Mocha.Suite) => void): void {
  if (component.isThere()) describe(suite, body);
  else if (mustHaveAll) {
    describe(suite, () => {
      it(`has ${component.name}`, () => {
        throw new Error(`${component.name} is missing; ${component.remedy}`);
      });
    });
  } else leftOut.push({ suite, missing: component.name, remedy: component.remedy });
}

export function hasCommand(command: string): boolean {
  return runs('sh', '-c', `command -v ${command}`);
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
