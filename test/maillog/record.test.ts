// Log lines taken apart: which programs are read, and what is no line of theirs.

import { expect } from 'chai';
import { CLIENT_PROCESSES } from '../../src/maillog/process.ts';
import { parseLine } from '../../src/maillog/record.ts';
import { StampReader } from '../../src/maillog/stamp.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const STAMP = '2026-11-23T10:20:30.5Z';

function parse(text: string) {
  return parseLine(text, new StampReader(), NOW);
}

describe('maillog/record', () => {
  it('knows the four programs under any syslog_name', () => {
    const good: [string, string][] = [
      ['postfix/smtpd', 'smtpd'],
      ['postfix/submission/smtpd', 'smtpd'],
      ['postfix/smtps/smtpd', 'smtpd'],
      ['postfix-in/smtpd', 'smtpd'],
      ['mx1-smtpd', 'smtpd'],
      ['smtpd', 'smtpd'],
      ['postfix/postscreen', 'postscreen'],
      ['postfix-in/cleanup', 'cleanup'],
      ['postfix/master', 'master'],
    ];
    for (const [tag, program] of good) expect(CLIENT_PROCESSES.programOf(tag), tag).to.equal(program);
  });

  it('leaves the lines of all others alone', () => {
    const bad = [
      'dovecot',
      'postfix/qmgr',
      'postfix/smtp',
      'postfix/lmtp',
      'postfix/relay/smtp',
      'opensmtpd',
    ];
    bad.push(
      'postfix/smtpd2',
      'postfix/smtpd/',
      'xsmtpd',
      'postfix/tlsproxy',
      'dovecot-auth',
      '',
      'postmaster',
    );
    for (const tag of bad) {
      expect(CLIENT_PROCESSES.programOf(tag), tag).to.equal(undefined);
      expect(parse(`${STAMP} mx ${tag}[1]: connect from a[192.0.2.1]`), tag).to.equal(undefined);
    }
  });

  it('takes a line apart into time, program, process and message', () => {
    expect(parse(`${STAMP} mx.example.com postfix-in/smtpd[4711]: connect from a[192.0.2.1]`)).to.deep.equal({
      at: Date.UTC(2026, 10, 23, 10, 20, 30, 500),
      program: 'smtpd',
      process: 'mx.example.com postfix-in/smtpd[4711',
      message: 'connect from a[192.0.2.1]',
    });
  });

  it('reads the same record behind every kind of stamp', () => {
    const stamps = [
      'Nov 23 10:20:30',
      'Nov  3 10:20:30',
      'Nov 3 10:20:30',
      STAMP,
      '2026-11-23T10:20:30+02:00',
    ];
    for (const stamp of stamps) {
      const record = parse(`${stamp} m postfix/smtpd[1]: connect from a[192.0.2.1]`);
      expect(record?.message, stamp).to.equal('connect from a[192.0.2.1]');
      expect(record?.process, stamp).to.equal('m postfix/smtpd[1');
    }
  });

  it('tells processes of two hosts, tags and process IDs apart', () => {
    const processes = [
      'a postfix/smtpd[1]',
      'b postfix/smtpd[1]',
      'a mx1-smtpd[1]',
      'a postfix/smtpd[2]',
    ].map((process) => parse(`${STAMP} ${process}: connect from a[192.0.2.1]`)?.process);
    expect(new Set(processes).size).to.equal(4);
  });

  it('refuses what is no log line', () => {
    const bad: [string, string][] = [
      ['', 'nothing'],
      ['Nov 23 10:20:30', 'a stamp alone'],
      [`${STAMP} mx`, 'no tag'],
      [
        `${STAMP} mx postfix/smtpd: connect from a[192.0.2.1]`,
        'no process ID: the bracket is the text’s own',
      ],
      [`${STAMP} mx postfix/smtpd[1] connect from a[192.0.2.1]`, 'no colon behind the process ID'],
      [`${STAMP} mx postfix/smtpd[12345678901234]: x`, 'too long a process ID'],
      [`mx postfix/smtpd[1]: connect from a[192.0.2.1]`, 'no stamp'],
      [`Nov 31 10:20:30 mx postfix/smtpd[1]: x`, 'no such day'],
      [`${STAMP} mx dovecot: imap-login: x postfix/smtpd[1]: x`, 'the tag is that of another program'],
      [`${STAMP} ${'m'.repeat(300)} postfix/smtpd[1]: x`, 'too long a host name'],
    ];
    for (const [text, reason] of bad) expect(parse(text), reason).to.equal(undefined);
  });
});
