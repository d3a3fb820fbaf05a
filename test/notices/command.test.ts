// A command that gets a notice: its input, its environment, its time, and what it leaves running.

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCommand } from '../../src/notices/command.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';
import { block, noticeWith } from './events.ts';

const NEVER = new AbortController().signal;
const NOTICE = noticeWith(block());

describe('notices/command: a command', () => {
  const folder = temporaryFolder();
  const out = join(folder, 'out');

  /** Runs a script, in which `$1` is the file `out`. */
  function run(script: string, timeout = 10_000, signal = NEVER, ...words: readonly string[]) {
    writeFileSync(out, '');
    const target = { type: 'command', events: ['block'], timeout } as const;
    return runCommand({ ...target, command: ['/bin/sh', '-c', script, 'sh', out, ...words] }, NOTICE, signal);
  }

  function isAlive(pid: number): boolean {
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ') Z';
    return !/\) [ZX]/.test(state);
  }

  it('reads the notice from standard input, on one line', async () => {
    expect(await run('cat > "$1"')).to.deep.equal({ type: 'sent' });
    expect(readFileSync(out, 'utf8')).to.equal(`${JSON.stringify(NOTICE)}\n`);
  });

  it('gets arguments that no shell has read', async () => {
    await run('printf "%s\\n" "$2" "$3" > "$1"', 10_000, NEVER, '{ip} $(id) ; `id` *', '');
    expect(readFileSync(out, 'utf8')).to.equal('192.0.2.7 $(id) ; `id` *\n\n');
  });

  it('has nothing of the environment of the daemon', async () => {
    process.env.NOTIFY_SOCKET = '/run/systemd/notify';
    await run('env > "$1"; pwd >> "$1"').finally(() => {
      delete process.env.NOTIFY_SOCKET;
    });
    const names = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    // The shell sets some itself.
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? ''))).to.have.members([
      'PATH',
      'LANG',
      '/',
    ]);
  });

  it('may end without reading', async () => {
    expect(await run('exit 0')).to.deep.equal({ type: 'sent' });
  });

  it('that fails is reported with the first line of its standard error', async () => {
    const outcome = await run('echo "no \\033[31mroute" >&2; echo more >&2; exit 3');
    const reason = 'ended with exit status 3: no \\x1b[31mroute';
    expect(outcome).to.deep.equal({ type: 'refused', reason });
  });

  it('that fails without a word, or by a signal, is reported', async () => {
    expect(await run('exit 1')).to.deep.include({ reason: 'ended with exit status 1' });
    expect(await run('kill -SEGV $$')).to.deep.include({ reason: 'was ended by SIGSEGV' });
  });

  it('is run again only if it asks by status 75', async () => {
    const types = [await run('exit 75'), await run('exit 1'), await run('exit 255')].map(({ type }) => type);
    expect(types).to.deep.equal(['retry', 'refused', 'refused']);
  });

  it('that does not exist, or cannot be executed, is reported', async () => {
    const plain = join(folder, 'plain');
    writeFileSync(plain, 'x');
    chmodSync(plain, 0o600);
    for (const [path, code] of [
      ['/nowhere/notify', 'ENOENT'],
      [plain, 'EACCES'],
      ['/tmp', 'EACCES'],
    ] as const) {
      const target = { type: 'command', command: [path], events: ['block'], timeout: 1000 } as const;
      const outcome = await runCommand(target, NOTICE, NEVER);
      expect(outcome.type).to.equal('refused');
      expect(outcome)
        .to.have.property('reason')
        .that.matches(new RegExp(`^cannot be run: .*${code}`));
    }
  });

  it('that hangs is killed with all that it has started', async () => {
    const outcome = await run('echo $$ > "$1"; trap "" TERM; sleep 1000 & echo $! >> "$1"; wait', 500);
    expect(outcome).to.deep.equal({ type: 'retry', reason: 'has not ended within 0.5 s and was killed' });
    const pids = readFileSync(out, 'utf8').trim().split('\n').map(Number);
    expect(pids).to.have.lengthOf(2);
    await until('both to be gone', () => !pids.some(isAlive));
  });

  it('is killed when the daemon stops', async () => {
    const stop = new AbortController();
    const running = run('echo $$ > "$1"; sleep 1000', 60_000, stop.signal);
    await until('the command to run', () => readFileSync(out, 'utf8') !== '');
    stop.abort();
    expect((await running).type).not.to.equal('sent');
    await until('it to be gone', () => !isAlive(Number(readFileSync(out, 'utf8'))));
  });

  it('leaves no process behind, and is not waited for because of one', async () => {
    const outcome = await run('sleep 1000 & echo $! > "$1"; exit 0', 60_000);
    expect(outcome).to.deep.equal({ type: 'sent' });
    await until('the process to be gone', () => !isAlive(Number(readFileSync(out, 'utf8'))));
  });

  it('is not waited for where a process outside of its group keeps standard error open', async () => {
    const outcome = await run('setsid sleep 1000 & echo $! > "$1"; echo x >&2; exit 1', 60_000);
    process.kill(Number(readFileSync(out, 'utf8')), 'SIGKILL');
    expect(outcome.type).to.equal('refused');
  });

  it('cannot flood the daemon', async () => {
    const outcome = await run('yes | head -c 100000000; yes x >&2; exit 4', 20_000);
    expect(outcome.type).to.equal('refused');
    expect((outcome as { reason: string }).reason).to.match(
      /^(?:ended with exit status 4|was ended by SIGPIPE): x$/,
    );
  });
});
