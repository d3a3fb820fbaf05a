// Plain log files: which lines give records, and which are not log lines.

import { expect } from 'chai';
import { line } from '../../maillog/log.ts';
import { file, numbered, numberedLines, numbersOf, Reading, range } from './inputs.ts';

const STAMP = '2026-11-23T10:00:00.5+00:00';

describe('replay/input/text-format', () => {
  it('reads the lines of all programs that log about clients or mail', async () => {
    const programs = ['smtpd', 'postscreen', 'cleanup', 'master', 'qmgr', 'smtp', 'lmtp', 'local', 'virtual'];
    const text = [...programs, 'anvil', 'tlsproxy'].map((program) => line('x', program)).join('\n');
    const records = await new Reading().all(file(text));
    expect(records.map(({ program }) => program)).to.deep.equal(programs);
  });

  it('reads every line once, in its order, in a file of many pieces', async () => {
    const reading = new Reading();
    const records = await reading.all(file(numberedLines(1, 5000)));
    expect(numbersOf(records)).to.deep.equal(range(1, 5000));
    expect(reading.lines).to.equal(5000);
    expect(reading.unreadable).to.deep.equal([]);
  });

  it('reports lines that are not log lines', async () => {
    const bad = [
      'junk',
      '-- Boot 4711 --',
      'Nov 23 10:20',
      'Nov 31 10:20:30 mx postfix/smtpd[1]: x',
      `${STAMP} mx`,
      `${STAMP} mx last message repeated 3 times`,
      `<22>1 ${STAMP} mx postfix/smtpd - - x`,
      `${STAMP} mx postfix/smtpd: no process ID`,
      'Nov 23 10:20:30 mx [postfix/smtpd] connect from a[192.0.2.1]',
      '{"program":"postfix/smtpd","message":"x"}',
      `{"log":"postfix/smtpd[1]: x\\n"}`,
      '\u0000\u0000\u0000',
    ];
    const reading = new Reading();
    expect(await reading.all(file(bad.join('\n'), {}))).to.deep.equal([]);
    expect(reading.unreadable).to.deep.equal(bad);
    expect(reading.lines).to.equal(bad.length);
  });

  it('reports lines that name a Postfix daemon but give no record, and why', async () => {
    const named = [
      `${STAMP} mx f5a2d7a5e9c0[812]: Nov 23 10:20:30 mail postfix/smtpd[101]: connect from a[192.0.2.1]`,
      `${STAMP} mx dovecot: auth: postfix/postscreen[7]: x`,
      `${STAMP} mx kernel: Out of memory: cleanup[812]`,
      `${STAMP} stdout P Nov 23 10:20:30 mail postfix/smtpd[101]: connect from a[192.0.2.1]`,
    ];
    const others = [
      `${STAMP} mx sshd[7]: smtpd[x]`,
      `${STAMP} mx sshd[7]: [101] smtpd`,
      `${STAMP} mx postfix/anvil[7]: statistics: max connection rate 1/60s for (smtpd:192.0.2.1) at Nov 23`,
    ];
    const reported: [string, string | undefined][] = [];
    const reading = new Reading();
    reading.onUnreadable = (text: string, why?: string) => reported.push([text, why]);
    expect(await reading.all(file([...named, ...others].join('\n')))).to.deep.equal([]);
    const why = 'logged by another program, or part of a longer line';
    expect(reported).to.deep.equal(named.map((text) => [text, why]));
  });

  it('ignores lines of other programs, and empty lines', async () => {
    const good = [
      `${STAMP} mx dovecot: imap-login: Login: user=<a>`,
      `${STAMP} mx sshd[4711]: Accepted publickey for a`,
      `${STAMP} mx kernel: [1.5] x`,
      `${STAMP} mx CRON[1]: (root) CMD (true)`,
      `${STAMP} mx postfix/anvil[1]: statistics: max`,
      'Nov 23 10:20:30 mx dovecot: x',
      'Nov  3 10:20:30 mx dovecot: x',
      'Nov 3 10:20:30 mx rspamd[1]: x',
      `${STAMP} mx tag:text`,
      '',
      '   ',
      '\r',
    ];
    const reading = new Reading();
    expect(await reading.all(file(good.join('\n')))).to.deep.equal([]);
    expect(reading.unreadable).to.deep.equal([]);
    expect(reading.lines).to.equal(good.length);
  });

  it('reads the start of a line that is too long, however long, and the lines after it', async () => {
    const reading = new Reading();
    const long = line(`disconnect from a[192.0.2.1] ${'x'.repeat(300_000)}`);
    const records = await reading.all(
      file(`${numbered(1)}\n${long}\n${numbered(2)}\n${'y'.repeat(200_000)}\n${numbered(3)}`),
    );
    expect(numbersOf(records)).to.deep.equal([1, Number.NaN, 2, 3]);
    expect(records[1]?.message).to.match(/^disconnect from a\[192\.0\.2\.1\] x{8000,8192}$/);
    expect(reading.unreadable).to.deep.equal(['y'.repeat(8192)]);
    expect(reading.lines).to.equal(5);
  });

  it('keeps every byte of a text that is not UTF-8', async () => {
    const [record] = await new Reading().all(file(Buffer.from(line('caf\xe9 \xff'), 'latin1')));
    expect(record?.message).to.equal('caf\xe9 \xff');
  });

  it('gives nothing for an empty input', async () => {
    const reading = new Reading();
    expect(await reading.all(file(''))).to.deep.equal([]);
    expect(reading.lines).to.equal(0);
  });
});
