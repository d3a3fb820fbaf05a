// Runs test/postfix on Debian 13, with other versions of Postfix, Dovecot and Node than the host's. Each test is one here.

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { MINUTE } from '../../src/values/duration.ts';
import { DEBIAN_13, DEBIAN_13_PATH } from '../harness/debian.ts';
import { nodeInDebian } from '../harness/debian-copy.ts';
import { describeReal } from '../harness/real.ts';

/** No test may be left out there. */
const env = { ...process.env, POSTBLOCK_TEST_ALL: '1' };

interface Results {
  /** titles of tests that passed */
  readonly passed: ReadonlySet<string>;
  /** titles of tests and hooks that failed, and why */
  readonly failed: ReadonlyMap<string, string>;
  readonly errors: string;
}

function mocha(...options: readonly string[]): readonly [string, ...string[]] {
  const files = 'dist/test/postfix/**/*.test.js';
  return nodeInDebian('node_modules/mocha/bin/mocha.js', '--reporter=json-stream', ...options, files);
}

/** @param output of mocha's reporter `json-stream` */
function resultsOf(output: string, errors: string): Results {
  const titles = (outcome: 'pass' | 'fail'): { fullTitle: string; stack?: string }[] =>
    output
      .split('\n')
      .filter((line) => line.startsWith(`["${outcome}",`))
      .map((line) => JSON.parse(line)[1]);
  return {
    passed: new Set(titles('pass').map(({ fullTitle }) => fullTitle)),
    failed: new Map(titles('fail').map(({ fullTitle, stack }) => [fullTitle, stack ?? 'failed'])),
    errors,
  };
}

/** The titles of all tests, without running them. */
function titles(): string[] {
  const [command, ...args] = mocha('--dry-run');
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env });
  const { passed } = resultsOf(stdout, stderr);
  if (passed.size === 0) throw new Error(`test/postfix has no tests in Debian 13:\n${stdout}${stderr}`);
  return [...passed];
}

async function run(): Promise<Results> {
  const [command, ...args] = mocha();
  const running = promisify(execFile)(command, args, { env, maxBuffer: 1 << 26 });
  const { stdout, stderr } = await running.catch((error: { stdout: string; stderr: string }) => error);
  return resultsOf(stdout, stderr);
}

describeReal('machine: test/postfix on Debian 13', DEBIAN_13, () => {
  let results: Results;

  before(async function () {
    this.timeout(15 * MINUTE);
    results = await run();
  });

  it('has the Postfix, Dovecot and Node of Debian 13', () => {
    const versions = ['postconf -h mail_version', 'dovecot --version', 'node --version'].map((command) =>
      spawnSync('chroot', [DEBIAN_13_PATH, ...command.split(' ')], { encoding: 'utf8' }).stdout.trim(),
    );
    expect(versions.join(' ')).to.match(/^3\.10\.\d+ 2\.4\.\d+\S* \(.*\) v20\.19\.\d+$/);
  });

  for (const title of titles()) {
    it(title, () => {
      const { passed, failed, errors } = results;
      if (passed.has(title)) return;
      const others = [...failed].map(([other, why]) => `${other}: ${why}`).join('\n');
      throw new Error(failed.get(title) ?? `did not run\n${others}\n${errors}`);
    });
  }
});
