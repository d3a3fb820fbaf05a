// A real journal directory followed through the real journalctl.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type JournalSelection, JournalSource } from '../../../src/maillog/sources/journal.ts';
import type { Notice, Position } from '../../../src/maillog/sources/source.ts';
import { utf8Bytes } from '../../../src/maillog/syslog/utf8.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { describeReal, JOURNAL } from '../../harness/real.ts';
import { until } from '../../harness/until.ts';
import { START } from '../log.ts';

const folder = temporaryFolder();
const BOOT = '0123456789abcdef0123456789abcdef';

/** A directory of journal files; each append makes a file of its own, as journald's rotation would. */
class Journal {
  readonly directory = mkdtempSync(join(folder, 'journal-'));
  #seconds = 0;
  #files = 0;

  /** Removes the files of these appends, as journald does to make room. */
  remove(...files: readonly number[]): void {
    for (const file of files) rmSync(join(this.directory, `part${file}.journal`));
  }

  /** Appends one entry a message, as journald stores a line of Postfix's. */
  append(messages: readonly string[], fields: Readonly<Record<string, string>> = {}): void {
    const entries = messages.map((message) => {
      const us = (START / 1000 + ++this.#seconds) * 1_000_000;
      return Object.entries({
        __REALTIME_TIMESTAMP: `${us}`,
        __MONOTONIC_TIMESTAMP: `${this.#seconds * 1_000_000}`,
        _BOOT_ID: BOOT,
        _HOSTNAME: 'mx',
        SYSLOG_FACILITY: '2',
        SYSLOG_IDENTIFIER: 'postfix/smtpd',
        SYSLOG_PID: '101',
        _SYSTEMD_UNIT: 'postfix@-.service',
        MESSAGE: message,
        ...fields,
      })
        .map(([name, value]) => `${name}=${value}\n`)
        .join('');
    });
    const output = `--output=${join(this.directory, `part${++this.#files}.journal`)}`;
    execFileSync('/lib/systemd/systemd-journal-remote', [output, '-'], {
      input: `${entries.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }
}

/** A source read by hand. */
class Following {
  readonly notices: Notice[] = [];
  readonly messages: string[] = [];
  readonly source: JournalSource;
  position: Position | undefined;
  /** ms since 1970 for the source; later at each read, so that a restart of journalctl never waits */
  #now = START;

  constructor(journal: Journal, selection: JournalSelection = {}) {
    this.source = new JournalSource({ directory: journal.directory, ...selection }, (notice) =>
      this.notices.push(notice),
    );
  }

  async read(): Promise<void> {
    this.#now += 1000;
    const batch = await this.source.read(this.#now);
    this.messages.push(...batch.records.map(({ message }) => message));
    this.position = batch.positionAfter(batch.records.length);
  }

  async expect(messages: readonly string[]): Promise<void> {
    await until(`the messages ${messages}, got ${this.messages}`, async () => {
      await this.read();
      return this.messages.at(-1) === messages.at(-1);
    });
    expect(this.messages).to.deep.equal(messages);
  }
}

/** The journalctl that this process started for a directory, by its process ID. */
function journalctlOf(journal: Journal): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const isOurs = readFileSync(`/proc/${pid}/status`, 'utf8').includes(`PPid:\t${process.pid}\n`);
        return (
          isOurs &&
          command.includes(`--directory=${journal.directory}`) &&
          readlinkSync(`/proc/${pid}/exe`) !== ''
        );
      } catch {
        return false;
      }
    });
}

describeReal('maillog/sources/journal-real: a real journal', JOURNAL, () => {
  let journal: Journal;
  let followings: Following[];

  beforeEach(() => {
    journal = new Journal();
    followings = [];
  });

  afterEach(async () => {
    for (const { source } of followings) await source.stop();
    await until('the end of journalctl', () => journalctlOf(journal) === undefined);
  });

  async function follow(position?: Position, selection?: JournalSelection): Promise<Following> {
    const following = new Following(journal, selection);
    followings.push(following);
    await following.source.start(position);
    return following;
  }

  it('is followed from its end on at the first start', async () => {
    journal.append(['old 1', 'old 2']);
    const following = await follow();
    await following.read();
    journal.append(['new 1']);
    await following.expect(['new 1']);
    journal.append(['new 2', 'new 3']);
    await following.expect(['new 1', 'new 2', 'new 3']);
    expect(following.notices).to.deep.equal([]);
  });

  it('is followed over reboots, from entries of an earlier boot on', async () => {
    const other = { _BOOT_ID: 'fedcba9876543210fedcba9876543210' };
    journal.append(['read']);
    const { position } = await follow().then(async (first) => {
      await first.read();
      await first.source.stop();
      return first;
    });
    journal.append(['before the reboot']);
    journal.append(['after the reboot'], other);
    const following = await follow(position);
    await following.expect(['before the reboot', 'after the reboot']);
    journal.append(['later'], other);
    await following.expect(['before the reboot', 'after the reboot', 'later']);
  });

  it('says from when to when entries are missing that were removed unread, and goes on behind them', async () => {
    journal.append(['1', '2']);
    const cursor = cursorOf('2');
    journal.append(['3']);
    journal.append(['4', '5']);
    journal.remove(1, 2);
    const at = new Date(START + 2000).toISOString();
    const following = await follow({ type: 'journal', cursor, at });
    await following.expect(['4', '5']);
    expect(following.notices).to.deep.equal([
      { type: 'gap', source: 'journal', since: START + 2000, until: START + 4000 },
    ]);
  });

  it('misses nothing where old entries were removed that had been read', async () => {
    journal.append(['1', '2']);
    const cursor = cursorOf('2');
    journal.append(['3']);
    journal.append(['4', '5']);
    journal.remove(1);
    const at = new Date(START + 3500).toISOString();
    const following = await follow({ type: 'journal', cursor, at });
    await following.expect(['3', '4', '5']);
    expect(following.notices).to.deep.equal([]);
  });

  it('loses nothing of what is logged between the start and the first read', async () => {
    journal.append(['old']);
    const following = await follow();
    journal.append(['new 1']);
    await following.expect(['new 1']);
  });

  it('is read on from a position, once each', async () => {
    journal.append(['1', '2', '3', '4']);
    const first = await follow({ type: 'journal', cursor: cursorOf('2') });
    await first.expect(['3', '4']);
    await first.source.stop();
    journal.append(['5', '6']);
    const second = await follow(first.position);
    await second.expect(['5', '6']);
  });

  it('gives a position after each record', async () => {
    journal.append(['1', '2', '3']);
    const first = await follow({ type: 'journal', cursor: cursorOf('1') });
    const batch = await until('a batch', async () => {
      const read = await first.source.read(START);
      return read.records.length === 2 && read;
    });
    for (const [count, rest] of [['2', '3'], ['3'], []].entries()) {
      journal.append([`end ${count}`]);
      const next = await follow(batch.positionAfter(count));
      const ends = Array.from({ length: count + 1 }, (_, i) => `end ${i}`);
      await next.expect([...rest, ...ends]);
      await next.source.stop();
    }
  });

  it('tells that journald suppressed lines, read for the mail facility or for a unit', async () => {
    journal.append(['old']);
    const mail = await follow();
    const unit = await follow(undefined, { unit: 'postfix@-.service' });
    await mail.read();
    await unit.read();
    const suppressed = ['Suppressed 12 messages from postfix@-.service'];
    journal.append(suppressed, {
      SYSLOG_FACILITY: '3',
      SYSLOG_IDENTIFIER: 'systemd-journald',
      _TRANSPORT: 'driver',
      _UID: '0',
      _SYSTEMD_UNIT: 'systemd-journald.service',
      MESSAGE_ID: 'a596d6fe7bfa4994828e72309e95d61e',
      OBJECT_SYSTEMD_UNIT: 'postfix@-.service',
    });
    await mail.expect(suppressed);
    await unit.expect(suppressed);
  });

  it('is read for the mail facility, or for a unit', async () => {
    journal.append(['old']);
    const mail = await follow();
    const unit = await follow(undefined, { unit: 'postfix@-.service' });
    await mail.read();
    await unit.read();
    journal.append(['of another facility'], { SYSLOG_FACILITY: '3' });
    journal.append(['of another unit'], { _SYSTEMD_UNIT: 'other.service' });
    journal.append(['of another program'], { SYSLOG_IDENTIFIER: 'dovecot' });
    journal.append(['of both']);
    await mail.expect(['of another unit', 'of both']);
    await unit.expect(['of another facility', 'of both']);
  });

  describe('of containers', () => {
    const docker = (name: string): Readonly<Record<string, string>> => ({
      SYSLOG_FACILITY: '3',
      SYSLOG_IDENTIFIER: `id-${name}`,
      _SYSTEMD_UNIT: 'docker.service',
      CONTAINER_ID: `id-${name}`,
      CONTAINER_NAME: name,
      PRIORITY: '6',
    });
    const line = (text: string) => `Nov 23 10:00:00 mail postfix/smtpd[7]: ${text}`;

    it('is read for one of them by name, alone or within a unit, and its lines are whole', async () => {
      journal.append([line('old')], docker('mail'));
      const byName = await follow(undefined, { container: 'mail' });
      const both = await follow(undefined, { container: 'mail', unit: 'docker.service' });
      const unit = await follow(undefined, { unit: 'docker.service' });
      for (const one of [byName, both, unit]) await one.read();
      journal.append([line('of another container')], docker('web'));
      journal.append(['of the mail facility']);
      journal.append([line('of another unit')], { ...docker('mail'), _SYSTEMD_UNIT: 'other.service' });
      journal.append([line('1'), 'dovecot: x', line('café')], docker('mail'));
      const last = utf8Bytes('café');
      await byName.expect(['of another unit', '1', last]);
      await both.expect(['1', last]);
      await unit.expect(['of another container', '1', last]);
    });

    it('is read on between two parts of a line: it is whole, and what looks like one in it is none', async () => {
      journal.append([line('old')], docker('mail'));
      const first = await follow(undefined, { container: 'mail' });
      await first.read();
      const part = { ...docker('mail'), CONTAINER_PARTIAL_MESSAGE: 'true' };
      journal.append([line('1')], docker('mail'));
      journal.append([line('2').slice(0, 30)], part);
      await first.expect(['1']);
      await until('the part', async () => {
        await first.read();
        return first.position?.parts !== undefined;
      });
      await first.source.stop();
      journal.append([line('2').slice(30)], docker('mail'));
      journal.append(['x'.repeat(100)], part);
      const second = await follow(JSON.parse(JSON.stringify(first.position)), { container: 'mail' });
      await second.expect(['2']);
      journal.append([line('an imitation')], docker('mail'));
      journal.append([line('3')], docker('mail'));
      await second.expect(['2', '3']);
    });
  });

  it('is read on, once each, when journalctl was killed', async () => {
    journal.append(['old']);
    const following = await follow();
    await following.read();
    journal.append(['1']);
    await following.expect(['1']);
    const pid = await until('journalctl', () => journalctlOf(journal));
    process.kill(pid, 'SIGKILL');
    journal.append(['2']);
    await following.expect(['1', '2']);
    journal.append(['3']);
    await following.expect(['1', '2', '3']);
    expect(following.notices.map(({ type }) => type)).to.deep.equal(['lost', 'found']);
    expect(journalctlOf(journal)).not.to.equal(pid);
  });

  it('loses nothing of the mail facility where its newest entry is of another', async () => {
    journal.append(['of another facility'], { SYSLOG_FACILITY: '3' });
    const following = await follow();
    journal.append(['1', '2']);
    await following.expect(['1', '2']);
  });

  it('has a directory that does not exist yet: that is reported, and it is read as soon as it exists', async () => {
    const missing = new JournalSource({ directory: join(journal.directory, 'missing') }, (notice) => {
      notices.push(notice);
    });
    const notices: Notice[] = [];
    await missing.start(undefined);
    await until('the notice', async () => {
      await missing.read(START);
      return notices.length > 0;
    });
    expect(notices[0]).to.deep.include({ type: 'lost', source: 'journal' });
    expect((await missing.read(START)).records).to.deep.equal([]);
    await missing.stop();
    expect(existsSync(join(journal.directory, 'missing'))).to.equal(false);
  });

  function cursorOf(message: string): string {
    const args = ['--output=json', `--directory=${journal.directory}`, `MESSAGE=${message}`];
    return String(JSON.parse(execFileSync('journalctl', args, { encoding: 'utf8' })).__CURSOR);
  }
});
