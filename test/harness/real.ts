// Suites that need a real component: left out in the open where it is missing, failing where all must run.

import { execFileSync } from 'node:child_process';

/** With this set, a missing component is a failure: nothing may be left out. */
const mustHaveAll = process.env.POSTBLOCK_TEST_ALL === '1';

export const leftOut: { suite: string; missing: string; remedy: string }[] = [];

export interface Component {
  readonly name: string;
  /** how an administrator of a Debian host gets it */
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

/** describe() for a suite that needs a component. */
export function describeReal(suite: string, component: Component, body: () => void): void {
  if (component.isThere()) describe(suite, body);
  else if (mustHaveAll) {
    describe(suite, () => {
      it(`has ${component.name}`, () => {
        throw new Error(`${component.name} is missing; ${component.remedy}`);
      });
    });
  } else leftOut.push({ suite, missing: component.name, remedy: component.remedy });
}

function hasCommand(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
