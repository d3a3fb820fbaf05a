// Journal faults: its reader is killed repeatedly while the journal's files change.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { describeReal, JOURNAL } from '../harness/real.ts';
import { randomFrom, SEED, scaled } from '../harness/scale.ts';
import { until } from '../harness/until.ts';
import { expectExactAccount, RULES, RULES_TEXT } from './account.ts';
import { Oracle } from './oracle.ts';

const BOOT = '0123456789abcdef0123456789abcdef';
const RESTARTS = scaled(4);

/** A directory of journal files, one for each append, as if journald rotated at each restart. */
class Journal {
  readonly directory: string;
  #files = 0;
  #last = 0;

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory);
  }

  /** The time of the next entry, ms since 1970: later than that of every entry before. */
  next(): number {
    this.#last = Math.max(this.#last + 1, Date.now());
    return this.#last;
  }

  append(entries: readonly (readonly [at: number, message: string])[]): void {
    const text = entries.map(([at, message]) =>
      [
        `__REALTIME_TIMESTAMP=${at}000`,
        `__MONOTONIC_TIMESTAMP=${at}000`,
        `_BOOT_ID=${BOOT}`,
        '_HOSTNAME=mx',
        'SYSLOG_FACILITY=2',
        'SYSLOG_IDENTIFIER=postfix/smtpd',
        'SYSLOG_PID=101',
        `MESSAGE=${message}\n`,
      ].join('\n'),
    );
    const output = `--output=${join(this.directory, `part${++this.#files}.journal`)}`;
    execFileSync('/lib/systemd/systemd-journal-remote', [output, '-'], {
      input: `${text.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }
}

/** The journalctl that follows for a daemon; undefined while there is none. */
function journalctlOf(daemon: TestDaemon): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const isChild =
          status.includes(`\nPPid:\t${daemon.pid}\n`) && status.startsWith('Name:\tjournalctl\n');
        return isChild && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--follow');
      } catch {
        return false;
      }
    });
}

describeReal('faults: the journal', JOURNAL, () => {
  afterEach(endDaemons);

  it(`is read on where its reader was killed, ${RESTARTS} times: no entry is lost, none counted twice`, async function () {
    this.timeout(60_000 + RESTARTS * 5000);
    const random = randomFrom(SEED);
    const oracle = new Oracle(RULES);
    const daemon = new TestDaemon({ rules: RULES_TEXT });
    const journal = new Journal(join(daemon.folder, 'journal'));
    const maillog = `{journal: {directory: ${journal.directory}}}`;
    daemon.writePolicy(RULES_TEXT, daemon.head().replace(`{file: ${daemon.log}}`, maillog));
    const abuse = (count: number) => {
      const entries = Array.from({ length: count }, () => {
        const at = journal.next();
        const ip = `192.0.2.${random(12)}`;
        oracle.take(ip, 'auth-failure', at);
        return [at, `warning: unknown[${ip}]: SASL LOGIN authentication failed: x`] as const;
      });
      journal.append(entries);
    };
    journal.append([[journal.next(), 'connect from unknown[198.51.100.1]']]);
    await daemon.start();
    for (let restart = 0; restart < RESTARTS; restart++) {
      const reader = await until('journalctl', () => journalctlOf(daemon));
      abuse(1 + random(20));
      if (random(2) === 0) await daemon.snapshot();
      process.kill(reader, 'SIGKILL');
      await until('its end', () => journalctlOf(daemon) !== reader);
      abuse(1 + random(20));
      if (random(3) > 0) continue;
      await daemon.stop('SIGKILL');
      abuse(1 + random(5));
      await daemon.start();
    }
    const last = '198.51.100.99';
    journal.append(
      Array.from({ length: 5 }, () => [
        journal.next(),
        `warning: unknown[${last}]: SASL LOGIN authentication failed: x`,
      ]),
    );
    await daemon.said(/ block ip=198\.51\.100\.99 /);
    await expectExactAccount(daemon, oracle, `seed ${SEED}`);
    expect(daemon.output).not.to.match(/ fault /);
  });
});
