// postblock explain as its own process: input, output and exit codes.

import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Explanation } from '../../src/explain/explanation.ts';
import { CLI } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';
import { line } from '../maillog/log.ts';

const SHIPPED = fileURLToPath(new URL('../../../policy.yml', import.meta.url));

const CONNECT = line('connect from a[192.0.2.7]');
const FAILURE = line('warning: a[192.0.2.7]: SASL LOGIN authentication failed: x', 'smtpd', 101, 1);

/** A folder with the policy as it is shipped, and these files. */
function folderWith(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = temporaryFolder();
  copyFileSync(SHIPPED, join(folder, 'policy.yml'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function run(cwd: string, args: readonly string[], input = '') {
  return spawnSync(process.execPath, [CLI, 'explain', ...args], {
    cwd,
    encoding: 'utf8',
    input,
    timeout: 25_000,
    maxBuffer: 1 << 28,
  });
}

function explanationsOf(stdout: string): Explanation[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Explanation);
}

/** `SOURCE LINE RESULT` of each line. */
function results(stdout: string): string[] {
  return explanationsOf(stdout).map(({ source, line: number, result }) => `${source} ${number} ${result}`);
}

describe('explain/command: postblock explain', () => {
  it('reads standard input and says which rule counts a line, without a daemon', () => {
    const { status, stdout, stderr } = run(folderWith(), [], `${FAILURE}\n`);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.include('    COUNTED\n').and.to.include('    rule     auth-failures: 30 in 1h\n');
    expect(stdout).not.to.include(' lines\n');
  });

  it('summarizes many lines at the end', () => {
    const { stdout } = run(folderWith(), ['-'], `${CONNECT}\n\n${FAILURE}\nhello`);
    expect(stdout).to.match(/\n3 lines\n {2}1 {2}/);
  });

  it('reads files one after the other, plain and compressed, and numbers their lines', () => {
    const folder = folderWith({
      'mail.log.1.gz': gzipSync(`${CONNECT}\n`),
      'mail.log': `\nhello\n${FAILURE}\n`,
    });
    const { status, stdout } = run(folder, ['mail.log.1.gz', 'mail.log', '-', '--json'], CONNECT);
    expect(status).to.equal(0);
    expect(results(stdout)).to.deep.equal([
      'mail.log.1.gz 1 nothing',
      'mail.log 2 unread',
      'mail.log 3 counted',
      '- 1 nothing',
    ]);
  });

  it('reads the journal, in JSON and as export', () => {
    const fields = {
      __REALTIME_TIMESTAMP: '1795773600000000',
      _HOSTNAME: 'mx',
      SYSLOG_IDENTIFIER: 'postfix/smtpd',
      SYSLOG_PID: '101',
      MESSAGE: 'warning: a[192.0.2.7]: SASL LOGIN authentication failed: x',
    };
    const other = { ...fields, SYSLOG_IDENTIFIER: 'dovecot', MESSAGE: 'x' };
    const json = [fields, other].map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const exported = [fields, other]
      .map((entry) =>
        Object.entries(entry)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      )
      .join('\n');
    const found = [`${json}{"no":\n`, exported].map((input) => run(folderWith(), ['--json'], input).stdout);
    const expected = ['- 1 counted', '- 2 nothing'];
    expect(found.map(results)).to.deep.equal([[...expected, '- 3 unread'], expected]);
    expect(explanationsOf(found[0] ?? '').map(({ text }) => text)).to.deep.equal([
      `mx postfix/smtpd[101]: ${fields.MESSAGE}`,
      'mx dovecot[101]: x',
      '{"no":',
    ]);
    expect(explanationsOf(found[0] ?? '')[2]?.why).to.equal('no-entry');
  });

  it('says what a line that is not read lacks', () => {
    const lines = ['connect from a[192.0.2.7]', 'Nov 23 10:00:00 mx1 ', '<22>Nov 23 10:00:00 mx1 '];
    const { stdout } = run(folderWith(), ['--json'], `${FAILURE}\n${lines.join('\n')}\n`);
    const reasons = explanationsOf(stdout).map(({ why }) => why);
    expect(reasons).to.deep.equal([null, 'no-time', 'no-process', 'no-process']);
  });

  it('explains a line before the next one arrives', async () => {
    const child = spawn(process.execPath, [CLI, 'explain', '--json'], { cwd: folderWith() });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.write(`${CONNECT}\n`);
    await until('the first answer', () => stdout.includes('"connect"'));
    child.stdin.write(`${FAILURE}\n`);
    await until('the second answer', () => stdout.includes('"auth-failure"'));
    child.stdin.end();
    expect(await ended).to.equal(0);
  });

  it('shows text of clients harmlessly', () => {
    const { stdout } = run(folderWith(), [], `${line('connect from \x1b[2J\x07\u202e[192.0.2.7]')}\r\n`);
    expect(stdout).to.match(/^[\n -~]*$/);
    expect(stdout).to.include('\\x1b[2J\\x07\\u{202e}[192.0.2.7]');
  });

  it('reads a log of any length in bounded memory', () => {
    const folder = folderWith({ 'mail.log': `${FAILURE}\n`.repeat(300_000) });
    const script = `"$0" --max-old-space-size=48 "$1" explain mail.log --json | tail -n 1`;
    const { stdout } = spawnSync('bash', ['-c', script, process.execPath, CLI], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(results(stdout)).to.deep.equal(['mail.log 300000 counted']);
  });

  const ends: readonly [
    what: string,
    args: readonly string[],
    input: string,
    status: number,
    says: RegExp,
  ][] = [
    ['1 where no line of Postfix was read', [], 'hello\n', 1, /^postblock: no line of Postfix was read\n$/],
    ['1 where there is no line', [], '', 1, /^postblock: no line of Postfix was read\n$/],
    ['64 for a directory', ['.'], '', 64, /directory/],
    ['64 for an option of another command', ['--since', '7d'], '', 64, /--since/],
    [
      '64 for what it cannot read, with what helps',
      ['-'],
      'BZh91AY&SY',
      64,
      /bzip2 -dc … \| postblock explain -\n$/,
    ],
    ['74 for a log that is not there', ['none.log'], '', 74, /none\.log: cannot be read: no such file\n$/],
    [
      '74 for a log that is cut off',
      ['cut.gz'],
      '',
      74,
      /cut\.gz: only the beginning \(1 lines\) could be read: /,
    ],
    [
      '78 for a policy with mistakes',
      ['--policy', 'wrong.yml'],
      `${CONNECT}\n`,
      78,
      /wrong\.yml:1:8: rules: is empty/,
    ],
  ];
  for (const [what, args, input, expected, says] of ends) {
    it(`ends with code ${what}`, () => {
      const cut = gzipSync(`${CONNECT}\n${CONNECT}`).subarray(0, -8);
      const { status, stderr } = run(folderWith({ 'cut.gz': cut, 'wrong.yml': 'rules: {}\n' }), args, input);
      expect(stderr).to.match(says);
      expect(status).to.equal(expected);
    });
  }
});
