// The journal as journalctl writes it out: JSON and export format.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { utf8Bytes } from '../../../src/maillog/syslog/utf8.ts';
import { HOST_ZONE } from '../../../src/maillog/syslog/zone.ts';
import { ExportParser } from '../../../src/replay/input/export-format.ts';
import { describeReal, JOURNAL } from '../../harness/real.ts';
import { line, START } from '../../maillog/log.ts';
import { file, folder, Reading } from './inputs.ts';

type Fields = Readonly<Record<string, string | Buffer>>;

const CONNECT = 'connect from a[192.0.2.1]';
const RECORD = { at: START, program: 'smtpd', process: 'mx postfix/smtpd[101', message: CONNECT };

function fields(changes: Fields = {}): Fields {
  return {
    __CURSOR: 's=a;i=1',
    __REALTIME_TIMESTAMP: `${START * 1000 + 499}`,
    _BOOT_ID: '0123456789abcdef0123456789abcdef',
    _HOSTNAME: 'mx',
    PRIORITY: '6',
    SYSLOG_FACILITY: '2',
    SYSLOG_IDENTIFIER: 'postfix/smtpd',
    SYSLOG_PID: '101',
    MESSAGE: CONNECT,
    ...changes,
  };
}

function exported(...entries: readonly Fields[]): Buffer {
  const parts = entries.flatMap((entry) => [
    ...Object.entries(entry).map(([name, value]) => exportedField(name, value)),
    Buffer.from('\n'),
  ]);
  return Buffer.concat(parts);
}

function exportedField(name: string, value: string | Buffer): Buffer {
  if (typeof value === 'string') return Buffer.from(`${name}=${value}\n`);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), size, value, Buffer.from('\n')]);
}

function jsonLine(changes: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ ...fields(), ...changes })}\n`;
}

describe('replay/input/journal-formats: json-format', () => {
  it('reads entries as the records of the same lines in a file', async () => {
    const text = jsonLine() + jsonLine({ SYSLOG_IDENTIFIER: 'postfix/qmgr', MESSAGE: 'A1: removed' });
    const lines = `${line(CONNECT)}\n${line('A1: removed', 'qmgr')}`;
    const reading = new Reading();
    expect(await reading.all(file(text))).to.deep.equal(await new Reading().all(file(lines)));
    expect(reading.lines).to.equal(2);
  });

  it('reads a message that is a list of bytes, and one in UTF-8', async () => {
    const bytes = [...Buffer.from('caf\xe9\nx', 'latin1')];
    const records = await new Reading().all(
      file(jsonLine({ MESSAGE: bytes }) + jsonLine({ MESSAGE: 'café' })),
    );
    expect(records.map(({ message }) => message)).to.deep.equal(['caf\xe9\nx', utf8Bytes('café')]);
  });

  it('counts entries of other programs, and reports lines that are no entries', async () => {
    const reading = new Reading();
    const others = jsonLine({ SYSLOG_IDENTIFIER: 'sshd' }) + jsonLine({ MESSAGE: null });
    const text = `${jsonLine()}${others}-- No entries --\n{"cut": \n[1]\n\n${jsonLine()}`;
    expect(await reading.all(file(text))).to.deep.equal([RECORD, RECORD]);
    expect(reading.unreadable).to.deep.equal(['-- No entries --', '{"cut": ', '[1]']);
    expect(reading.lines).to.equal(8);
  });

  it('reads on after an entry that is too long', async () => {
    const reading = new Reading();
    const text = jsonLine() + jsonLine({ OTHER: 'x'.repeat(300_000) }) + jsonLine();
    expect(await reading.all(file(text))).to.deep.equal([RECORD, RECORD]);
    expect(reading.unreadable.map(({ length }) => length)).to.deep.equal([65_536]);
  });
});

describe('replay/input/journal-formats: export-format', () => {
  const awkward = Buffer.from(
    'connect from a[192.0.2.1]\n\nMESSAGE=y\n__REALTIME_TIMESTAMP=1\n\xff\n',
    'latin1',
  );

  it('reads entries as the records of the same lines in a file', async () => {
    const reading = new Reading();
    const qmgr = fields({ SYSLOG_IDENTIFIER: 'postfix/qmgr', MESSAGE: 'A1: removed' });
    const lines = `${line(CONNECT)}\n${line('A1: removed', 'qmgr')}`;
    const records = await reading.all(file(exported(fields(), fields({ SYSLOG_IDENTIFIER: 'sshd' }), qmgr)));
    expect(records).to.deep.equal(await new Reading().all(file(lines)));
    expect(reading.lines).to.equal(3);
    expect(reading.unreadable).to.deep.equal([]);
  });

  it('reads fields of bytes with newlines in them, cut at every place', () => {
    const bytes = exported(fields({ MESSAGE: awkward, OTHER: Buffer.from('\n\nMESSAGE=x\n') }), fields());
    const expected = [{ ...RECORD, message: awkward.toString('latin1') }, RECORD];
    for (let place = 0; place <= bytes.length; place++) {
      const parser = new ExportParser({
        now: START,
        zone: HOST_ZONE,
        onUnreadable: (text) => expect.fail(text),
      });
      const records = [bytes.subarray(0, place), bytes.subarray(place)].flatMap((part) => [
        ...parser.push(part),
      ]);
      expect([...records, ...parser.end()], `cut at ${place}`).to.deep.equal(expected);
      expect(parser.lines).to.equal(2);
    }
  });

  it('reads a message in UTF-8 as such, and an empty field of bytes as nothing', async () => {
    const bytes = exported(fields({ MESSAGE: 'café', OTHER: Buffer.alloc(0) }), fields());
    expect((await new Reading().all(file(bytes))).map(({ message }) => message)).to.deep.equal([
      utf8Bytes('café'),
      CONNECT,
    ]);
  });

  it('reads the start of a message that is too long, and what follows it', async () => {
    for (const message of ['x'.repeat(300_000), Buffer.alloc(300_000, 'x')]) {
      const records = await new Reading().all(file(exported(fields({ MESSAGE: message }), fields())));
      expect(records).to.have.length(2);
      expect(records[0]?.message).to.match(/^x{8000,8192}$/);
    }
  });

  it('takes the last entry without an empty line after it', async () => {
    const bytes = exported(fields());
    expect(await new Reading().all(file(bytes.subarray(0, -1)))).to.deep.equal([RECORD]);
    expect(await new Reading().all(file(bytes.subarray(0, -2)))).to.deep.equal([RECORD]);
  });

  it('takes no message of bytes that is cut off', async () => {
    const bytes = exported(fields({ MESSAGE: Buffer.from('too many errors after RCPT from a[192.0.2.1]') }));
    expect(await new Reading().all(file(bytes.subarray(0, -20)))).to.deep.equal([]);
  });

  it('reports lines that are not fields, and a size that is not valid', async () => {
    const reading = new Reading();
    const junk = Buffer.concat([exported(fields()), Buffer.from('no field\n'), exported(fields())]);
    expect(await reading.all(file(junk))).to.deep.equal([RECORD, RECORD]);
    expect(reading.unreadable).to.deep.equal(['no field']);
    const size = Buffer.concat([exported(fields()), Buffer.from('A\n'), Buffer.alloc(8, 0xff)]);
    expect(await reading.all(file(size))).to.deep.equal([RECORD]);
    expect(reading.damage).to.have.length(1);
    expect(reading.damage[0]).to.include('a field A of 18446744073709552000 bytes');
  });

  it('is known compressed and from standard input too', async () => {
    expect(await new Reading().all(file(gzipSync(exported(fields()))))).to.deep.equal([RECORD]);
    expect(await new Reading(Readable.from([exported(fields())])).all('-')).to.deep.equal([RECORD]);
    expect(await new Reading().all(file(gzipSync(jsonLine())))).to.deep.equal([RECORD]);
    expect(await new Reading(Readable.from([jsonLine()])).all('-')).to.deep.equal([RECORD]);
  });
});

describeReal('replay/input/journal-formats: the real journalctl', JOURNAL, () => {
  it('writes in both formats what is read as the same records', async () => {
    const journal = join(folder(), 'part.journal');
    const entry = (number: number, message: string | Buffer): Fields => {
      const { __CURSOR, ...rest } = fields({ MESSAGE: message });
      const time = { __REALTIME_TIMESTAMP: `${(START + number) * 1000}`, __MONOTONIC_TIMESTAMP: `${number}` };
      return { ...rest, ...time };
    };
    const messages = [CONNECT, 'café', Buffer.from('two\nlines'), Buffer.from([0x63, 0xe9, 0x01])];
    const input = exported(...messages.map((message, number) => entry(number + 1, message)));
    execFileSync('/lib/systemd/systemd-journal-remote', [`--output=${journal}`, '-'], {
      input,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const expected = [utf8Bytes('café'), 'two\nlines', 'c\xe9\x01'];
    for (const format of ['json', 'export']) {
      const reading = new Reading();
      const records = await reading.all(file(execFileSync('journalctl', ['--file', journal, '-o', format])));
      expect(records[0], format).to.deep.equal({ ...RECORD, at: START + 1 });
      expect(
        records.slice(1).map(({ message }) => message),
        format,
      ).to.deep.equal(expected);
      expect([reading.unreadable, reading.damage, reading.lines]).to.deep.equal([[], [], 4]);
    }
  });
});
