// Entries of `journalctl --output=json`.

import { expect } from 'chai';
import { parseEntry } from '../../../src/maillog/sources/journal.ts';
import { EntryReader } from '../../../src/maillog/syslog/journal-entry.ts';
import { StampReader } from '../../../src/maillog/syslog/stamp.ts';
import { utf8Bytes } from '../../../src/maillog/syslog/utf8.ts';
import { parseLine } from '../parse-line.ts';
import { FORMS, lineOf } from '../syslog/headers.ts';

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

describe('maillog/sources/journal: entries', () => {
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

  it('hold text as a file would hold it, be it UTF-8 or not', () => {
    const stamp = '2026-11-23T10:00:00.123456+00:00 mx postfix/submission/smtpd[101]: ';
    for (const text of ['café', 'Grüße, 你好 😀', 'plain']) {
      const line = utf8Bytes(`${stamp}${text}`);
      expect(parse({ MESSAGE: text })?.record, text).to.deep.equal(parseLine(line, new StampReader(), 0));
      const bytes = [...Buffer.from(`${text}\xff`, 'latin1')];
      expect(parse({ MESSAGE: bytes })?.record?.message, text).to.equal(
        Buffer.from(bytes).toString('latin1'),
      );
    }
  });

  it('count repetitions that a syslog daemon passed on', () => {
    expect(parse({ MESSAGE: 'message repeated 3 times: [ x]' })?.record).to.include({
      message: 'x',
      repeat: 3,
    });
  });

  it('of others keep their cursor, and are no records', () => {
    const bad: [Record<string, unknown>, string][] = [
      [{ SYSLOG_IDENTIFIER: 'dovecot' }, 'another program'],
      [{ SYSLOG_IDENTIFIER: 'postfix/pickup' }, 'a program that tells of no clients'],
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

  it('are none where the line is not valid', () => {
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

describe('maillog/sources/journal: entries of containers', () => {
  const NOV = 'Nov 23 23:59:59 mail postfix/smtpd[7]: ';
  const DOCKER = {
    SYSLOG_IDENTIFIER: 'f5a2d7a5e9c0',
    SYSLOG_PID: undefined,
    CONTAINER_ID: 'f5a2d7a5e9c0',
    CONTAINER_NAME: 'mail',
    PRIORITY: '6',
    _COMM: 'dockerd',
  };
  const RECORD = { at: 1795428000123, program: 'smtpd', process: 'mail postfix/smtpd[7', message: 'x' };

  it('hold a whole line, whose own time counts only where it tells its zone', () => {
    expect(parse({ ...DOCKER, MESSAGE: `${NOV}x` })?.record).to.deep.equal(RECORD);
    expect(
      parse({ ...DOCKER, MESSAGE: '2026-11-23T10:00:00.5Z mail postfix/smtpd[7]: x' })?.record,
    ).to.deep.equal({
      ...RECORD,
      at: 1795428000500,
    });
    expect(parse({ ...DOCKER, MESSAGE: 'postfix/smtpd[7]: x' })?.record).to.deep.equal({
      ...RECORD,
      process: 'postfix/smtpd[7',
    });
  });

  it('hold it in every form, with the ends of lines that runtimes leave there', () => {
    for (const form of FORMS)
      for (const end of ['', '\n', '\r', '\r\n']) {
        const { record } = parse({ ...DOCKER, MESSAGE: `${lineOf(form, 'x')}${end}` }) ?? {};
        expect(record, form.what).to.include({ program: 'smtpd', message: 'x' });
      }
  });

  it('are those of Docker, of Podman, and of postlogd; of no other program, whatever it logs', () => {
    const MESSAGE = `${NOV}x`;
    const podman = { CONTAINER_ID: 'a', SYSLOG_IDENTIFIER: 'mail', _COMM: 'conmon' };
    const postlogd = { SYSLOG_IDENTIFIER: 'postfix', _COMM: 'postlogd', _TRANSPORT: 'stdout' };
    for (const fields of [DOCKER, podman, postlogd])
      expect(parse({ ...fields, MESSAGE })?.record).to.deep.equal(RECORD);
    for (const tag of ['dovecot', 'sshd', 'mail', 'postlogd'])
      expect(
        parse({ SYSLOG_IDENTIFIER: tag, MESSAGE, _COMM: tag === 'postlogd' ? 'sh' : tag })?.record,
        tag,
      ).to.equal(undefined);
  });

  it('that are parts make one line, by container and stream, over a restart too', () => {
    let reader = new EntryReader();
    const read = (changes: Readonly<Record<string, unknown>>) =>
      parseEntry(JSON.stringify({ ...ENTRY, ...DOCKER, ...changes }), reader)?.record;
    const part = { CONTAINER_PARTIAL_MESSAGE: 'true' };
    expect(read({ ...part, MESSAGE: NOV.slice(0, 30) })).to.equal(undefined);
    expect(read({ PRIORITY: '3', MESSAGE: `${NOV}stderr` })?.message).to.equal('stderr');
    expect(read({ CONTAINER_ID: 'other', MESSAGE: `${NOV}other` })?.message).to.equal('other');
    const { parts } = reader;
    reader = new EntryReader();
    reader.parts = JSON.parse(JSON.stringify(parts));
    expect(read({ MESSAGE: `${NOV.slice(30)}x` })).to.deep.equal(RECORD);
    expect(reader.parts).to.deep.equal([]);
  });

  it('that are the rest of a line are no lines, also where its beginning was never read', () => {
    const rest = { ...DOCKER, CONTAINER_PARTIAL_ORDINAL: '2', MESSAGE: `${NOV}x` };
    expect(parse(rest)?.record).to.equal(undefined);
    expect(parse({ ...rest, CONTAINER_PARTIAL_ORDINAL: '1' })?.record).to.deep.equal(RECORD);
    const reader = new EntryReader();
    const long = { ...ENTRY, ...DOCKER, MESSAGE: 'x'.repeat(16_384), CONTAINER_PARTIAL_MESSAGE: 'true' };
    for (let i = 0; i < 3; i++) parseEntry(JSON.stringify(long), reader);
    const end = parseEntry(JSON.stringify({ ...ENTRY, ...DOCKER, MESSAGE: `${NOV}x` }), reader);
    expect(end?.record).to.equal(undefined);
  });

  it('do not depend on the zone of this host', () => {
    expect(
      parse({ ...DOCKER, MESSAGE: `2026-11-23 04:00:00 mail postfix/smtpd[7]: x` })?.record,
    ).to.deep.equal(RECORD);
  });
});
