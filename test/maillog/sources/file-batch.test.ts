// Bytes cut into lines: the records, and the byte at which each ends.

import { expect } from 'chai';
import { FileBatch, MARK_BYTES, markOf } from '../../../src/maillog/sources/file-batch.ts';
import { LineReader } from '../../../src/maillog/syslog/line-reader.ts';
import { line, START } from '../log.ts';

const FILE = { path: '/log', inode: 7 };

function cut(text: string, options: { start?: number; first?: number; isWhole?: boolean } = {}): FileBatch {
  const { start = 0, first = start, isWhole = false } = options;
  const around = { ...FILE, lines: new LineReader(), now: START, isWhole, at: undefined, after: undefined };
  return new FileBatch(Buffer.from(text, 'latin1'), start, first, around);
}

function numbered(number: number): string {
  return line(`disconnect from a[192.0.2.1] commands=${number}`, 'smtpd', 101, number);
}

describe('maillog/sources/file-batch', () => {
  it('leave a half line for the next time, except where it is the last of its file', () => {
    const text = `${numbered(1)}\n${numbered(2)}`;
    expect(cut(text).records).to.have.length(1);
    expect(cut(text).end).to.equal(numbered(1).length + 1);
    const whole = cut(text, { isWhole: true });
    expect(whole.records).to.have.length(2);
    expect(whole.end).to.equal(text.length);
    expect(whole.positionAfter(2).offset).to.equal(text.length);
  });

  it('end where the next begins, with lines that are no records between', () => {
    const batch = cut(`junk\n${numbered(1)}\n\njunk\n${numbered(2)}\njunk\n`, { start: 1000 });
    const one = 1000 + 5 + numbered(1).length + 1;
    const two = one + 1 + 5 + numbered(2).length + 1;
    expect([0, 1, 2].map((count) => batch.positionAfter(count).offset)).to.deep.equal([1000, one, two + 5]);
    expect(batch.end).to.equal(two + 5);
  });

  it('end before a CR in front of the newline, wherever it is the last thing of the log', () => {
    const text = `${numbered(1)}\r\n\r\n${numbered(2)}\r`;
    const batch = cut(text, { isWhole: true });
    const messages = [1, 2].map((number) => `disconnect from a[192.0.2.1] commands=${number}`);
    expect(batch.records.map(({ message }) => message)).to.deep.equal(messages);
    expect(batch.positionAfter(1).offset).to.equal(numbered(1).length + 2);
    expect(batch.end).to.equal(text.length);
  });

  it('are marked by the bytes before them, also those that were read earlier', () => {
    const before = 'x'.repeat(MARK_BYTES);
    const text = `${numbered(1)}\n${numbered(2)}\n`;
    const batch = cut(before + text, { start: 100, first: 100 + MARK_BYTES });
    expect(batch.positionAfter(0).mark).to.equal(markOf(Buffer.from(before)));
    expect(batch.positionAfter(2).mark).to.equal(markOf(Buffer.from((before + text).slice(-MARK_BYTES))));
    expect(batch.carry.toString()).to.equal((before + text).slice(-MARK_BYTES));
  });

  it('know the time of the record before a position', () => {
    const batch = cut(`${numbered(1)}\n${numbered(2)}\n`);
    const times = [0, 1, 2].map((count) => batch.positionAfter(count).at);
    const at = (second: number) => new Date(START + second * 1000).toISOString();
    expect(times).to.deep.equal([undefined, at(1), at(2)]);
  });

  it('are nothing where nothing is', () => {
    const batch = cut('', { start: 5 });
    expect(batch.records).to.deep.equal([]);
    expect(batch.positionAfter(0)).to.deep.include({ ...FILE, type: 'file', offset: 5 });
  });
});
