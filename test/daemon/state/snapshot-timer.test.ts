// Times of snapshots: one at a time, none missed, and the last one in any case.

import { expect } from 'chai';
import { SnapshotTimer } from '../../../src/daemon/state/snapshot-timer.ts';
import { LogReader } from '../../../src/maillog/reader.ts';
import { START } from '../../blocks/blocks-fixture.ts';
import { newBlocks } from '../../state/state-folder.ts';

interface Write {
  readonly signal: AbortSignal | undefined;
  end(): void;
  fail(reason: string): void;
}

/** A timer with a disk on which the test ends each write. */
class SlowDisk {
  readonly writes: Write[] = [];
  readonly troubles: (string | undefined)[] = [];
  readonly lines: string[] = [];
  /** snapshots for which the merged log waits */
  readonly held: Promise<unknown>[] = [];
  /** ms that each pause between snapshots was to last */
  readonly pauses: number[] = [];
  readonly mergedLog = {
    positions: [],
    clocks: {},
    numbers: {},
    isAtEnd: true,
    waitFor: (work: Promise<unknown>) => void this.held.push(work),
  };
  now = START;
  #due: () => void = () => undefined;
  readonly saver = new SnapshotTimer(
    {
      state: {
        save: (_blocks, _bookmark, _now, signal) =>
          new Promise((resolve, reject) => {
            this.writes.push({
              signal,
              end: () => resolve(1),
              fail: (reason) => reject(new Error(reason)),
            });
          }),
      },
      blocks: newBlocks(),
      reader: new LogReader(),
      mergedLog: this.mergedLog,
      optional: { sharing: undefined },
      health: { parts: { snapshot: (failed) => void this.troubles.push(failed) } },
      log: {
        report: (event) =>
          void this.lines.push('reason' in event ? `${event.event}: ${event.reason}` : event.event),
      },
    },
    () => this.now,
    (pause, due) => {
      this.pauses.push(pause);
      this.#due = due;
      return () => undefined;
    },
  );

  /** The pause is over, and a snapshot is written in so many ms. */
  async passes(ms: number): Promise<void> {
    this.#due();
    this.now += ms;
    this.writes.at(-1)?.end();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('daemon/state/snapshot-timer', () => {
  it('writes one at a time, and one more for all requests in between', async () => {
    const { saver, writes, troubles } = new SlowDisk();
    const first = saver.save();
    const [second, third] = [saver.save(), saver.save()];
    expect(writes).to.have.length(1);
    writes[0]?.end();
    await first;
    // The next one begins when its turn has come, not within this call.
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes).to.have.length(2);
    writes[1]?.end();
    await Promise.all([second, third]);
    expect(writes).to.have.length(2);
    expect(troubles).to.deep.equal([undefined, undefined]);
  });

  it('reports a trouble where writing fails, and tries the next one all the same', async () => {
    const disk = new SlowDisk();
    const failing = disk.saver.save();
    disk.writes[0]?.fail('no space left');
    await failing;
    expect(disk.troubles).to.deep.equal(['no space left']);
    const next = disk.saver.save();
    disk.writes[1]?.end();
    await next;
    expect(disk.troubles).to.deep.equal(['no space left', undefined]);
  });

  it('aborts the one being written at the stop, without a trouble, and then writes the last one', async () => {
    const disk = new SlowDisk();
    void disk.saver.save();
    disk.saver.abort();
    expect(disk.writes[0]?.signal?.aborted).to.equal(true);
    const last = disk.saver.saveLast();
    expect(disk.writes).to.have.length(1);
    disk.writes[0]?.fail('given up');
    await new Promise((resolve) => setImmediate(resolve));
    expect(disk.writes).to.have.length(2);
    expect(disk.writes[1]?.signal).to.equal(undefined);
    disk.writes[1]?.fail('no space left');
    await last;
    expect(disk.troubles).to.deep.equal([]);
    expect(disk.lines).to.deep.equal(['snapshot-failed: no space left']);
  });

  it('waits as configured where the log has been read to its end', async () => {
    const disk = new SlowDisk();
    disk.saver.schedule(60_000);
    await disk.passes(20);
    await disk.passes(20);
    await disk.passes(20);
    expect(disk.pauses).to.deep.equal([500, 60_000, 60_000, 60_000]);
    expect(disk.held).to.deep.equal([]);
  });

  it('waits less while catching up with the log, by the time of a snapshot, and the log waits for it', async () => {
    const disk = new SlowDisk();
    disk.mergedLog.isAtEnd = false;
    disk.saver.schedule(60_000);
    await disk.passes(20);
    await disk.passes(2000);
    await disk.passes(1_000_000);
    await disk.passes(-5_000_000);
    disk.mergedLog.isAtEnd = true;
    await disk.passes(2000);
    expect(disk.pauses).to.deep.equal([500, 500, 6000, 60_000, 500, 60_000]);
    expect(disk.held).to.have.lengthOf(4);
  });

  it('never waits longer than configured', async () => {
    const disk = new SlowDisk();
    disk.mergedLog.isAtEnd = false;
    disk.saver.schedule(400);
    await disk.passes(2000);
    expect(disk.pauses).to.deep.equal([400, 400]);
  });
});
