// Log lines parsed: the programs that are read, and lines of no program.

import { expect } from 'chai';
import fc from 'fast-check';
import { CLIENT_PROCESSES } from '../../../src/maillog/syslog/process.ts';
import { StampReader } from '../../../src/maillog/syslog/stamp.ts';
import { scaled } from '../../harness/scale.ts';
import { parseLine } from '../parse-line.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const STAMP = '2026-11-23T10:20:30.5Z';

function parse(text: string) {
  return parseLine(text, new StampReader(), NOW);
}

describe('maillog/syslog/record', () => {
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
      ['postfix/qmgr', 'qmgr'],
    ];
    for (const [tag, program] of good) expect(CLIENT_PROCESSES.programOf(tag), tag).to.equal(program);
  });

  it('ignores the lines of all others', () => {
    const bad = [
      'dovecot',
      'postfix/pickup',
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

  it('reads the same record after every kind of stamp', () => {
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

  it('distinguishes processes by host, tag and process ID, whatever was logged before', () => {
    const processes = ['a postfix/smtpd[1', 'b postfix/smtpd[1', 'a mx1-smtpd[1', 'a postfix/smtpd[2'];
    // Of the same last digits, and with the other's text in front.
    processes.push('a postfix/smtpd[701234', 'a postfix/smtpd[1234', 'a postfix/smtpd[71234');
    processes.push('aa postfix/smtpd[1234', 'a postfix/cleanup[1234');
    for (let round = 0; round < 3; round++)
      for (const process of processes)
        expect(parse(`${STAMP} ${process}]: x`)?.process, process).to.equal(process);
  });

  it('reads a line in a longer text as it reads it alone', () => {
    const beginning = fc.constantFrom('Nov 23 10:20:30', 'Nov 3 10:20:30', STAMP, 'Nov 31 10:20:30', '', 'x');
    const rest = fc.constantFrom('mx postfix/smtpd[1]: connect from a[192.0.2.1]', 'mx x[', 'mx', '', ']: ');
    const line = fc
      .tuple(beginning, rest, fc.nat({ max: 80 }))
      .map(([stamp, text, length]) => `${stamp} ${text}`.slice(0, length));
    fc.assert(
      fc.property(line, line, line, (before, text, after) => {
        const from = before.length + 1;
        const to = from + text.length;
        const all = `${before}\n${text}\n${after}`;
        const found = parseLine(all, new StampReader(), NOW, CLIENT_PROCESSES, from, to);
        expect(found).to.deep.equal(parse(text));
        // Of a line that is too long only the beginning is read.
        const cut = parseLine(all, new StampReader(), NOW, CLIENT_PROCESSES, from, Math.max(from, to - 9));
        expect(cut).to.deep.equal(parse(text.slice(0, -9)));
      }),
      { numRuns: scaled(2000) },
    );
  });

  it('refuses other text', () => {
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
