// Entries of `journalctl --output=json`, line by line.

import { expect } from 'chai';
import { parseEntry } from '../../src/maillog/journal.ts';
import { parseLine } from '../../src/maillog/record.ts';
import { StampReader } from '../../src/maillog/stamp.ts';

const ENTRY = {
  __CURSOR: 's=a;i=1',
  __REALTIME_TIMESTAMP: '1795428000123456',
  _HOSTNAME: 'mx',
  SYSLOG_IDENTIFIER: 'postfix/submission/smtpd',
  SYSLOG_PID: '101',
  _PID: '102',
  MESSAGE: 'connect from a[192.0.2.1]',
};

function parse(changes: Readonly<Record<string, unknown>>) {
  return parseEntry(JSON.stringify({ ...ENTRY, ...changes }));
}

describe('maillog/journal: entries', () => {
  it('are records with the time, program, process and message of a line', () => {
    expect(parse({})).to.deep.equal({
      cursor: 's=a;i=1',
      record: {
        at: 1795428000123,
        program: 'smtpd',
        process: 'mx postfix/submission/smtpd[101',
        message: 'connect from a[192.0.2.1]',
      },
    });
  });

  it('name the same process as the same line in a file', () => {
    const text = `2026-11-23T10:00:00.123456+00:00 mx postfix/submission/smtpd[101]: ${ENTRY.MESSAGE}`;
    expect(parse({})?.record).to.deep.equal(parseLine(text, new StampReader(), 0));
  });

  it('take the process ID from journald where syslog gave none', () => {
    expect(parse({ SYSLOG_PID: undefined })?.record?.process).to.equal('mx postfix/submission/smtpd[102');
  });

  it('with bytes that are not printable come as a list of numbers', () => {
    const bytes = [...Buffer.from('connect from a[192.0.2.1]'), 255];
    expect(parse({ MESSAGE: bytes })?.record?.message).to.equal('connect from a[192.0.2.1]\u00ff');
  });

  it('of others keep their cursor, and are no records', () => {
    const bad: [Record<string, unknown>, string][] = [
      [{ SYSLOG_IDENTIFIER: 'dovecot' }, 'another program'],
      [{ SYSLOG_IDENTIFIER: 'postfix/qmgr' }, 'a program that tells of no clients'],
      [{ SYSLOG_IDENTIFIER: undefined }, 'no program'],
      [{ SYSLOG_IDENTIFIER: 'dovecot: x postfix/smtpd' }, 'a tag with blanks'],
      [{ MESSAGE: undefined }, 'no message'],
      [{ MESSAGE: null }, 'a message that journalctl left out for its length'],
      [{ MESSAGE: '' }, 'an empty message'],
      [{ MESSAGE: ['a', {}] }, 'a message listed twice'],
      [{ __REALTIME_TIMESTAMP: 'x' }, 'no time'],
      [{ __REALTIME_TIMESTAMP: undefined }, 'no time'],
    ];
    for (const [changes, reason] of bad)
      expect(parse(changes), reason).to.deep.equal({ cursor: 's=a;i=1', record: undefined });
  });

  it('are none where the line is none', () => {
    const bad: [string, string][] = [
      ['', 'nothing'],
      ['{"__CURSOR":"s=a', 'half a line'],
      ['null', 'no object'],
      ['7', 'no object'],
      ['"s=a"', 'no object'],
      ['[]', 'no object with a cursor'],
      ['{"MESSAGE":"x"}', 'no cursor'],
      ['{"__CURSOR":7}', 'a cursor that is no text'],
      ['-- No entries --', 'a remark'],
    ];
    for (const [text, reason] of bad) expect(parseEntry(text), reason).to.equal(undefined);
  });
});
