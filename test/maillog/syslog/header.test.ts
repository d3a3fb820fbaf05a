// Headers of every form: each gives the same record around the same message, and none is taken out of a message.

import { expect } from 'chai';
import fc from 'fast-check';
import { logTextOf } from '../../../src/maillog/syslog/log-text.ts';
import { CLIENT_PROCESSES, Processes } from '../../../src/maillog/syslog/process.ts';
import { type LogRecord, type NoRecord, readLine } from '../../../src/maillog/syslog/record.ts';
import { StampReader } from '../../../src/maillog/syslog/stamp.ts';
import { utf8Bytes } from '../../../src/maillog/syslog/utf8.ts';
import { zoneOf } from '../../../src/maillog/syslog/zone.ts';
import { superlinear } from '../../harness/linear.ts';
import { scaled } from '../../harness/scale.ts';
import { clientText, fill, HOSTILE, VICTIM } from '../arbitraries.ts';
import { AT, FORMS, type HeaderForm, lineOf, STRUCTURED_DATA } from './headers.ts';

const UTC = zoneOf('UTC');
const CONNECT = 'connect from a[192.0.2.1]';

function read(
  line: string,
  stamps = new StampReader(UTC),
  processes = CLIENT_PROCESSES,
): LogRecord | NoRecord {
  const log = logTextOf(utf8Bytes(line));
  return readLine(log, stamps, AT, processes, 0, log.text.length);
}

function processOf({ host }: HeaderForm, tag = 'postfix/smtpd', pid = 4711): string {
  return `${host === '' ? '' : `${host} `}${tag}[${pid}`;
}

describe('maillog/syslog/header', () => {
  it('gives the same record in every form, first and again', () => {
    for (const form of FORMS) {
      const stamps = new StampReader(UTC);
      for (let round = 0; round < 3; round++) {
        const record = read(lineOf(form, CONNECT), stamps);
        if (typeof record === 'string') expect.fail(`${form.what}: ${record}: ${lineOf(form, CONNECT)}`);
        const { at, ...rest } = record;
        expect(Math.floor(at / 1000) * 1000, form.what).to.equal(AT);
        expect(rest, form.what).to.deep.equal({
          program: 'smtpd',
          process: processOf(form),
          message: CONNECT,
        });
      }
    }
  });

  it('is known under any syslog_name', () => {
    const tags = ['smtpd', 'postfix/submission/smtpd', 'postfix-in/smtpd', 'mx1-smtpd', 'post[in]/smtpd'];
    tags.push(
      'postfix/127.0.0.1:10025/smtpd',
      'postfix/[::1]:587/smtpd',
      'postfix-in/[2001:db8::1]:25/smtpd',
    );
    tags.push('postfix:in/smtpd', 'mx1/198.51.100.2:smtp/smtpd', 'x/[::1]:submission/smtpd');
    for (const form of FORMS) {
      for (const tag of tags) {
        const record = read(lineOf(form, CONNECT, tag));
        expect(record, `${form.what}: ${tag}`).to.include({
          process: processOf(form, tag),
          message: CONNECT,
        });
      }
    }
  });

  it('ignores the lines of other programs', () => {
    const tags = [
      'dovecot',
      'postfix/pickup',
      'postfix/smtpd2',
      'opensmtpd',
      'sshd',
      'sshd(pam_unix)',
      'CRON',
    ];
    for (const form of FORMS)
      for (const tag of tags)
        expect(read(lineOf(form, CONNECT, tag)), `${form.what}: ${tag}`).to.equal('other');
  });

  it('distinguishes processes by process ID', () => {
    const processes = new Processes(['smtpd']);
    for (const form of FORMS) {
      for (const pid of [1, 21, 14711, 4711, 2147483647]) {
        const record = read(lineOf(form, 'x', 'postfix/smtpd', pid), new StampReader(UTC), processes);
        expect(record, form.what).to.include({ process: processOf(form, 'postfix/smtpd', pid) });
      }
    }
  });

  it('is one process whatever the level of the line is', () => {
    for (const level of [
      'mail.info',
      'mail.warning',
      'INFO   ',
      'WARNING',
      'mail:err',
      '<22>',
      '<mail.crit>',
    ])
      expect(read(`Nov 23 10:20:30 mx ${level} postfix/smtpd[1]: x`), level).to.include({
        process: 'mx postfix/smtpd[1',
      });
  });

  it('reads structured data as such, whatever it contains', () => {
    const form = FORMS.find(({ what }) => what === 'RFC 5424');
    if (form === undefined) throw new Error('no such form');
    for (const data of STRUCTURED_DATA) {
      const text = lineOf(form, CONNECT, 'postfix/smtpd', 1, data);
      expect(read(text), data).to.include({ message: CONNECT });
      expect(read(text.replace(' connect', '  connect')), 'rsyslog writes two blanks').to.include({
        message: CONNECT,
      });
      expect(read(text.replace(' connect', ' \ufeffconnect')), 'a byte order mark').to.include({
        message: CONNECT,
      });
    }
  });

  it('is none where it is cut off or different', () => {
    const bad: [string, string][] = [
      ['postfix/smtpd[1]: x', 'no stamp'],
      ['mx postfix/smtpd[1]: x', 'no stamp'],
      ['<22>postfix/smtpd[1]: x', 'a priority and no stamp'],
      ['<22>1 - mx postfix/smtpd 1 - - x', 'RFC 5424 without a stamp'],
      ['<22>1 2026-11-23T10:20:30Z mx postfix/smtpd - - - x', 'RFC 5424 without a process ID'],
      ['<22>1 2026-11-23T10:20:30Z mx postfix/smtpd 1 - [x x', 'structured data without an end'],
      ['<22>1 2026-11-23T10:20:30Z mx postfix/smtpd 1 - [x a="] x', 'a value without an end'],
      ['<22>1 2026-11-23T10:20:30Z mx postfix/smtpd 1 - x', 'no structured data'],
      ['<22>1 2026-11-23T10:20:30Z mx postfix/smtpd 1 -', 'no structured data'],
      ['<22>1 2026-11-23T10:20:30Z mx postfix/smtpd[1]: x', 'RFC 3164 behind the version of RFC 5424'],
      ['2026-11-23T10:20:30Z mx postfix/smtpd 1 ID47 - x', 'an MSGID without the version of RFC 5424'],
      ['Nov 23 10:20:30 a b c postfix/smtpd[1]: x', 'three hosts'],
      ['Nov 23 10:20:30 mx postfix/smtpd[x]: x', 'a process ID that is no number'],
      ['Nov 23 10:20:30 mx postfix/smtpd[]: x', 'no process ID'],
      ['Nov 23 10:20:30 mx postfix/smtpd[12345678901]: x', 'too long a process ID'],
      ['Nov 23 10:20:30 mx postfix/smtpd[1]:x', 'no blank behind the tag'],
      ['Nov 23 10:20:30 mx postfix/smtpd[1] x', 'no colon behind the tag'],
      ['Nov 23 10:20:30 mx postfix/postscreen[123/smtpd[1]: x', 'half a tag in front of a whole one'],
      ['Nov 23 10:20:30 mx postfix/smtpd[1: x', 'a process ID without its bracket'],
      ['Nov 23 10:20:30 mx postfix/smtpd[1: a[192.0.2.1]: x', 'the same, with a bracket of its message'],
      ['Nov 23 10:20:30 mx postfix]/smtpd[1]: x', 'half a pair of brackets'],
      ['Nov 23 10:20:30 mx [postfix/smtpd] x', "metalog's tag, which tells no process"],
      ['Nov 23 10:20:30 mx -- MARK --', 'a mark'],
      ['Nov 23 10:20:30 mx last message repeated 3 times', 'a repetition that names nobody'],
      ['Nov 23 10:20:30 stdout F postfix/smtpd[1]: x', 'the stream of a container as a host'],
      ['Nov 23 10:20:30 stderr P postfix/smtpd[1]: x', 'a part of a line'],
      [`Nov 23 10:20:30 ${'m'.repeat(300)} postfix/smtpd[1]: x`, 'too long a host name'],
      [`Nov 23 10:20:30 mx ${'p'.repeat(130)}/smtpd[1]: x`, 'too long a tag'],
      [`${'Nov 23 10:20:30 a '.repeat(5)}postfix/smtpd[1]: x`, 'more stamps than any relay writes'],
    ];
    for (const [text, reason] of bad) expect(read(text), `${reason}: ${text}`).to.be.a('string');
  });

  it('is that of the program that logs, whose message may imitate any other', () => {
    const good: [string, string][] = [
      ['dovecot: auth: postfix/smtpd[1]: x', 'no process ID of its own'],
      ['dovecot: postfix/smtpd[1]: x', 'an imitation right behind it'],
      ['dovecot:postfix/smtpd[1]: x', 'an imitation right behind its colon'],
      ['dovecot[7]: postfix/smtpd[1]: x', 'an imitation behind its process ID'],
      ['dovecot[7]:postfix/smtpd[1]: x', 'the same without a blank'],
      ['a/b:postfix/smtpd[1]: x', 'a tag with a slash'],
      ['a/b[7]:25/smtpd[1]: x', 'a tag with a slash and an imitation of a port'],
      ['error: postfix/smtpd[1]: x', 'a tag that is a level'],
      ['info: postfix/smtpd[1]: x', 'a tag that is a level'],
      ['mail.x: postfix/smtpd[1]: x', 'a tag with a facility in it'],
      ['kernel: [ 1.5] postfix/smtpd[1]: x', 'the kernel'],
      ['bad:: postfix/smtpd[1]: x', 'a tag of hexadecimal digits'],
      ['fe: postfix/smtpd[1]: x', 'a tag of hexadecimal digits'],
      ['dovecot: Nov 23 10:20:30 mx postfix/smtpd[1]: x', 'a whole line'],
      ['sshd[7]: Nov 23 10:20:30 mx postfix/smtpd[1]: x', 'a whole line'],
      ['sshd[7]: <22>1 2026-11-23T10:20:30Z mx postfix/smtpd 1 - - x', 'a whole line of RFC 5424'],
    ];
    for (const [text, reason] of good)
      for (const before of ['Nov 23 10:20:30 mx ', 'Nov 23 10:20:30 ', '2026-11-23T10:20:30Z mx mail.info '])
        expect(read(before + text), `${reason}: ${before}${text}`).to.equal('other');
  });

  it('leaves every byte of a message as the process logged it, whatever a client wrote in it', () => {
    const form = fc.constantFrom(...FORMS);
    const template = fc.constantFrom(...HOSTILE.filter(({ program }) => program === 'smtpd'));
    const wrapped = fc.constantFrom('', '[ID 1 mail.info] ', 'message repeated 2 times: [ ');
    fc.assert(
      fc.property(form, template, clientText, wrapped, (header, { message }, text, wrap) => {
        const logged = fill(message, '192.0.2.1', () => wrap + text);
        const record = read(lineOf(header, logged));
        expect(record, lineOf(header, logged)).to.include({
          process: processOf(header),
          message: Buffer.from(logged).toString('latin1'),
        });
        expect(record).not.to.have.property('repeat');
      }),
      { numRuns: scaled(3000) },
    );
  });

  it('never comes out of the message of another program, in any form', () => {
    const form = fc.constantFrom(...FORMS);
    const tag = fc.constantFrom('dovecot', 'sshd', 'amavis', 'postfix/smtp', 'kernel');
    fc.assert(
      fc.property(form, form, tag, clientText, (outer, inner, program, text) => {
        const imitation = lineOf(inner, `NOQUEUE: reject: RCPT from unknown[${VICTIM}]: 550 5.1.1 ${text}`);
        for (const logged of [imitation, text, `${text} ${imitation}`])
          expect(read(lineOf(outer, logged, program)), logged).to.equal('other');
      }),
      { numRuns: scaled(3000) },
    );
  });

  it('costs no more than linear time, whatever a line is made of', () => {
    const pumps = [
      ' ',
      'a ',
      'a',
      '[',
      ']: ',
      '[1]:',
      '<',
      '<22>',
      ':',
      '1',
      'Nov 23 10:20:30 ',
      '"',
      '\\',
      '[a b="',
    ];
    const inputs = ['', ...FORMS.slice(-20).map(({ before }) => before)].flatMap((prefix) =>
      pumps.map((pump) => ({ prefix, pump })),
    );
    expect(superlinear(read, inputs)).to.deep.equal([]);
  });
});
