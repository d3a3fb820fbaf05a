// Lost lines: the reports of journald and rsyslogd in all their forms, and of no other program.

import { expect } from 'chai';
import { LogReader } from '../../src/maillog/reader.ts';
import { parseEntry } from '../../src/maillog/sources/journal.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { START } from './log.ts';
import { parseLine } from './parse-line.ts';

function lostBy(line: string): { lines: number; reports: number; by: string } {
  const reader = new LogReader();
  const record = parseLine(`Nov 23 10:00:00 mx ${line}`, new StampReader(), START);
  if (record !== undefined) reader.read(record, () => undefined);
  const { lines, reports, by } = reader.lost;
  return { lines, reports, by };
}

describe('maillog/lost-lines: a log file', () => {
  const good: readonly (readonly [line: string, lines: number, by: string])[] = [
    ['rsyslogd: imjournal: 236 messages lost due to rate-limiting', 236, 'imjournal'],
    [
      'rsyslogd: imjournal: 84667 messages lost due to rate-limiting (20000 allowed within 600 seconds)',
      84667,
      'imjournal',
    ],
    ['rsyslogd-2177: imjournal: 236 messages lost due to rate-limiting', 236, 'imjournal'],
    ['rsyslogd: imjournal: begin to drop messages due to rate-limiting', 0, 'imjournal'],
    ['rsyslogd: imjournal from <mx:smtpd>: begin to drop messages due to rate-limiting', 0, 'imjournal'],
    [
      'rsyslogd: imuxsock[pid: 57, name: smtpd]: 99 messages lost due to rate-limiting (500 allowed within 5 seconds)',
      99,
      'rsyslogd',
    ],
    [
      'rsyslogd[614]: imuxsock[pid: 57, name: /usr/lib/postfix/sbin/master]: 99 messages lost due to rate-limiting',
      99,
      'rsyslogd',
    ],
    ['rsyslogd: imuxsock[pid: 57]: 99 messages lost due to rate-limiting', 99, 'rsyslogd'],
    ['rsyslogd-2177: imuxsock lost 516 messages from pid 159386 due to rate-limiting', 516, 'rsyslogd'],
    ['rsyslogd-2177: imuxsock begins to drop messages from pid 159386 due to rate-limiting', 0, 'rsyslogd'],
    ['systemd-journald[345]: Suppressed 917 messages from postfix@-.service', 917, 'journald'],
    [
      'systemd-journal[345]: Suppressed 917 messages from /system.slice/system-postfix.slice/postfix@-.service',
      917,
      'journald',
    ],
    ['journal: Suppressed 12 messages from /system.slice/postfix.service', 12, 'journald'],
  ];
  for (const [line, lines, by] of good) {
    it(`tells of them: ${line}`, () => {
      expect(lostBy(line)).to.deep.equal({ lines, reports: 1, by });
    });
  }

  const bad: readonly (readonly [why: string, line: string])[] = [
    ['another unit', 'systemd-journald[345]: Suppressed 917 messages from nginx.service'],
    [
      'a unit beneath another',
      'systemd-journald[345]: Suppressed 9 messages from postfix.slice/nginx.service',
    ],
    [
      'another program',
      'rsyslogd: imuxsock[pid: 57, name: /usr/sbin/named]: 99 messages lost due to rate-limiting',
    ],
    [
      'rsyslogd’s own messages',
      'rsyslogd[614]: rsyslogd[internal_messages]: 354 messages lost due to rate-limiting',
    ],
    [
      'what a client wrote',
      'postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 <rsyslogd: imjournal: 9 messages lost due to rate-limiting>: no',
    ],
    ['what follows another tag', 'dovecot: rsyslogd: imjournal: 9 messages lost due to rate-limiting'],
    ['a tag that only ends like it', 'my-rsyslogd: imjournal: 9 messages lost due to rate-limiting'],
    ['another message', 'rsyslogd: [origin software="rsyslogd" swVersion="8.2302.0"] rsyslogd was HUPed'],
  ];
  for (const [why, line] of bad) {
    it(`does not tell of them: ${why}`, () => {
      expect(lostBy(line)).to.include({ lines: 0, reports: 0 });
    });
  }

  it('adds them up', () => {
    const reader = new LogReader();
    for (const lines of [5, 7]) {
      const line = `Nov 23 10:00:00 mx rsyslogd: imjournal: ${lines} messages lost due to rate-limiting`;
      const record = parseLine(line, new StampReader(), START);
      if (record !== undefined) reader.read(record, () => undefined);
    }
    expect(reader.lost.lines).to.equal(12);
  });
});

describe('maillog/lost-lines: the journal', () => {
  const entry = (fields: Readonly<Record<string, string>>) =>
    parseEntry(
      JSON.stringify({
        __CURSOR: 's=1',
        __REALTIME_TIMESTAMP: String(START * 1000),
        _HOSTNAME: 'mx',
        SYSLOG_IDENTIFIER: 'systemd-journald',
        MESSAGE: 'Suppressed 1234 messages from postfix@-.service',
        ...fields,
      }),
    )?.record;

  it('tells of them where journald speaks for itself', () => {
    const record = entry({ _TRANSPORT: 'driver' });
    expect(record).to.include({ program: 'systemd-journald' });
    const reader = new LogReader();
    if (record !== undefined) reader.read(record, () => undefined);
    expect(reader.lost).to.include({ lines: 1234, by: 'journald' });
  });

  it('does not where somebody else logs under its name, or that of rsyslogd', () => {
    for (const _TRANSPORT of ['syslog', 'stdout', 'journal'])
      expect(entry({ _TRANSPORT }), _TRANSPORT).to.equal(undefined);
    const MESSAGE = 'imjournal: 9 messages lost due to rate-limiting';
    expect(entry({ SYSLOG_IDENTIFIER: 'rsyslogd', _TRANSPORT: 'syslog', MESSAGE })).to.equal(undefined);
  });
});
