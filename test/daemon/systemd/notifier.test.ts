// Notifications go through systemd-notify(1), in order; without it, mail goes on.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Notifier } from '../../../src/daemon/systemd/notifier.ts';
import { temporaryFolder } from '../../harness/folder.ts';

/** A systemd-notify that writes each of its arguments, and what it is run for, to a file. */
const NOTING = `#!/bin/sh
{ printf '%s\\n' "to $NOTIFY_SOCKET" "$@"; } >> "$NOTED"
`;

describe('daemon/systemd/notifier', () => {
  const { PATH: path } = process.env;
  let folder: string;
  let failures: string[];

  function notifierWith(program: string | undefined): Notifier {
    folder = temporaryFolder();
    failures = [];
    mkdirSync(join(folder, 'bin'));
    if (program !== undefined) writeFileSync(join(folder, 'bin/systemd-notify'), program, { mode: 0o755 });
    process.env.PATH = program === undefined ? join(folder, 'bin') : `${folder}/bin:${path}`;
    process.env.NOTED = join(folder, 'noted');
    return new Notifier('/run/notify', (reason) => failures.push(reason));
  }

  afterEach(() => {
    process.env.PATH = path;
    delete process.env.NOTED;
  });

  const noted = () => readFileSync(join(folder, 'noted'), 'utf8').trimEnd().split('\n');

  it('are one call each, in order, whatever their text is', async () => {
    const notifier = notifierWith(NOTING);
    const text = `STATUS=  * $(id) \`id\` "a" 'b' \\n  -- ${'é'}`;
    notifier.send('READY=1', text);
    notifier.send('WATCHDOG=1', 'STATUS=two\nlines\tand\0tabs');
    await notifier.end();
    expect(noted()).to.deep.equal([
      'to /run/notify',
      '--',
      'READY=1',
      text,
      'to /run/notify',
      '--',
      'WATCHDOG=1',
      'STATUS=two lines and tabs',
    ]);
    expect(failures).to.deep.equal([]);
  });

  it('are sent again after a failure, which is reported once', async () => {
    const notifier = notifierWith(
      `${NOTING}\n[ "$2" = READY=1 ] || { echo "no such\tsocket" >&2; exit 1; }\n`,
    );
    for (const assignment of ['WATCHDOG=1', 'WATCHDOG=1', 'READY=1']) notifier.send(assignment);
    await notifier.end();
    expect(noted().filter((line) => line.includes('='))).to.deep.equal([
      'WATCHDOG=1',
      'WATCHDOG=1',
      'READY=1',
    ]);
    expect(failures).to.have.length(1);
    expect(failures[0]).to.match(/^no such socket\b/);
  });

  it('fail with one report where there is no such program', async () => {
    const notifier = notifierWith(undefined);
    notifier.send('READY=1');
    notifier.send('WATCHDOG=1');
    await notifier.store([], 'connection');
    await notifier.end();
    expect(failures).to.have.length(1);
    expect(failures[0]).to.contain('systemd-notify');
  });

  it('end at once where none was sent', async () => {
    await notifierWith(NOTING).end();
  });
});
