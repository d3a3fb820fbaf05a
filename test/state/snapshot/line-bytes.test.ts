// The bytes of a snapshot's lines: what is written is what texts would give, in small chunks that are used again.

import { expect } from 'chai';
import fc from 'fast-check';
import { FAILURE } from '../../../src/blocks/events/failures.ts';
import { stampOf } from '../../../src/blocks/events/window.ts';
import { textOf } from '../../../src/blocks/table/key-words.ts';
import { ClientRecord } from '../../../src/blocks/table/record.ts';
import { addRecordLine, recordLine } from '../../../src/state/snapshot/client-line.ts';
import { addSingleEventLine } from '../../../src/state/snapshot/counted-line.ts';
import { CHUNK, type LineBytes } from '../../../src/state/snapshot/line-bytes.ts';
import { SnapshotLines } from '../../../src/state/snapshot/lines.ts';
import { isoText } from '../../../src/values/iso-time.ts';
import { START } from '../../blocks/blocks-fixture.ts';
import { lineText } from './line-text.ts';

const code = fc.nat(28);
const stamp = fc
  .record({ at: fc.nat(10 * 86_400_000), code })
  .map((one) => stampOf(START + one.at, one.code));
const key = fc.oneof(fc.nat(2 ** 32 - 1), fc.constantFrom('2001:db8::/64', '2001:db8:1:2:3:4:5:6'));
const user = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 48 - 1 }));

describe('state/snapshot/line-bytes', () => {
  it('writes numbers, addresses and times as texts have them', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(2 ** 32 - 1), fc.nat(4e12), (value, address, ms) => {
        for (const number of [value, value % 1e9, value % 1000]) {
          expect(lineText((lines) => lines.decimal(number))).to.equal(String(number));
        }
        expect(lineText((lines) => lines.decimals([value, address]))).to.equal(`,${value},${address}`);
        expect(lineText((lines) => lines.key(address))).to.equal(textOf(address));
        expect(lineText((lines) => lines.time(ms))).to.equal(isoText(ms));
      }),
    );
    for (const number of [0, 9, 10, 99, 100, 999_999_999, 1e9, 1e9 + 1, Number.MAX_SAFE_INTEGER])
      expect(lineText((lines) => lines.decimal(number))).to.equal(String(number));
  });

  it('writes the same line for a client with a single event as for its record', () => {
    fc.assert(
      fc.property(key, stamp, user, (short, only, one) => {
        const failures = one === 0 ? undefined : [Math.floor(only / 32), one];
        const record = new ClientRecord(textOf(short), [only], failures);
        const text = lineText((lines) => addSingleEventLine({ key: short, stamp: only, user: one }, lines));
        expect(text).to.equal(recordLine(record));
      }),
    );
  });

  it('writes the same line for a client that is only counted as its text', () => {
    fc.assert(
      fc.property(key, fc.array(stamp, { maxLength: 200 }), user, (short, stamps, one) => {
        const events = stamps.sort((a, b) => a - b);
        const failed = events.find((event) => event % 32 === FAILURE);
        const failures = one === 0 || failed === undefined ? undefined : [Math.floor(failed / 32), one];
        const record = new ClientRecord(textOf(short), events, failures);
        expect(lineText((lines) => addRecordLine(record, lines))).to.equal(recordLine(record));
      }),
    );
  });

  it('needs a few chunks for any number of lines, and none of them is longer than it must be', async () => {
    let left = 20_000;
    const lines = new SnapshotLines((bytes) => ({
      step: (count, isEnough) => {
        for (let i = 0; i < count && left > 0 && !isEnough(); i++) {
          left--;
          bytes.line(`"${left}":{}`.padEnd(left === 7000 ? 3 * CHUNK : 40));
        }
        return left > 0;
      },
      abandon: () => undefined,
    }));
    const buffers = new Set<unknown>();
    const written: Buffer[] = [];
    const write = async (bytes: Buffer) => {
      buffers.add(bytes.buffer);
      written.push(Buffer.from(bytes));
    };
    while (lines.gather(250)) await lines.writeChunk(write);
    await lines.writeRest(write);
    expect(lines.count).to.equal(20_000);
    expect(Buffer.concat(written).toString().split(',\n')).to.have.lengthOf(20_000);
    expect(written.filter(({ length }) => length > CHUNK)).to.have.lengthOf(1);
    expect(buffers.size).to.be.at.most(4);
  });

  it('gathers no more than a chunk, or than it is asked for, in one step', () => {
    let given = 0;
    const endless = (bytes: LineBytes, length: number) => ({
      step: (count: number, isEnough: () => boolean) => {
        for (let i = 0; i < count && !isEnough(); i++) {
          given++;
          bytes.line('x'.repeat(length));
        }
        return true;
      },
      abandon: () => undefined,
    });
    new SnapshotLines((bytes) => endless(bytes, 50)).gather(250);
    expect(given).to.equal(250);
    given = 0;
    new SnapshotLines((bytes) => endless(bytes, CHUNK / 10)).gather(250);
    expect(given).to.equal(10);
  });
});
