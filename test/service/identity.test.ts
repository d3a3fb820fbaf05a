// The numbers of log records in the snapshot, from which events have their identities: over kills, gaps and reloads.

import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, SMALL_RULES, type Snapshot, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { authFailure, caughtUp, droppedConnection, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';

type Numbers = Snapshot['numbers'][string] | undefined;

/** A daemon that follows mail.log and another file. */
class TwoLogs extends TestDaemon {
  readonly other = join(this.folder, 'other.log');

  constructor() {
    super();
    writeFileSync(this.log, '');
    writeFileSync(this.other, '');
    this.follow(this.log, this.other);
  }

  follow(...files: string[]): void {
    const head = this.head().replace(/maillog: .*/, `maillog: {files: [${files.join(', ')}]}`);
    this.writePolicy(SMALL_RULES, head);
  }

  appendOther(lines: readonly string[]): void {
    appendFileSync(this.other, lines.map((line) => `${line}\n`).join(''));
  }

  /** The numbers of both logs, when `other` has been read up to its record `last`. */
  async numbers(last: number): Promise<[Numbers, Numbers]> {
    await caughtUp(this);
    return await until(`record ${last} of the other log`, async () => {
      const { numbers } = await this.snapshot();
      return (numbers[this.other]?.last ?? 0) >= last && [numbers[this.log], numbers[this.other]];
    });
  }
}

/** ms since 1970: when the numbering began */
function timeOf(numbers: Numbers): number {
  return Date.parse(numbers?.since ?? '');
}

function written(daemon: TestDaemon): Snapshot {
  return JSON.parse(readFileSync(join(daemon.state, 'snapshot.json'), 'utf8'));
}

describe('service: numbers of records', () => {
  afterEach(endDaemons);

  it('are after kill -9 and a restart what they are in a daemon that never ended', async () => {
    const killed = await new TwoLogs().start();
    const whole = await new TwoLogs().start();
    const both = [killed, whole];
    const append = (lines: readonly string[], more: readonly string[]) => {
      for (const daemon of both) daemon.append(...lines);
      for (const daemon of both) daemon.appendOther(more);
    };
    append(droppedConnection(IP), authFailure('192.0.2.2'));
    const [first, firstOther] = await killed.numbers(1);
    await whole.numbers(1);
    // Read, but in no snapshot; and blocked on the way, so that the door drops some.
    append(
      times(5, () => rejectedRecipient(IP)),
      times(4, () => authFailure('192.0.2.2')),
    );
    await caughtUp(killed);
    await caughtUp(whole);
    expect(await killed.stop('SIGKILL')).to.equal('SIGKILL');
    append(droppedConnection(IP), droppedConnection('192.0.2.3'));
    renameSync(killed.log, `${killed.log}.1`);
    await killed.start();
    append(authFailure('192.0.2.4'), authFailure('192.0.2.4'));
    const last = 1 + 4 + 3 + 1;
    const [own, other] = await killed.numbers(last);
    const expected = await whole.numbers(last);
    expect([own?.last, other?.last]).to.deep.equal(expected.map((numbers) => numbers?.last));
    expect(own?.last).to.equal(3 + 5 + 3 + 1 + 3 * 3);
    expect([own?.since, other?.since]).to.deep.equal([first?.since, firstOther?.since]);
  });

  it('begin again with the first line after a gap, whose lines may have had numbers before the kill', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...authFailure(IP));
    await caughtUp(daemon);
    await daemon.snapshot();
    daemon.append(...authFailure(IP));
    await caughtUp(daemon);
    await daemon.stop('SIGKILL');
    rmSync(daemon.log);
    const at = Date.now();
    daemon.append(...authFailure(IP, at), ...authFailure(IP));
    await daemon.start();
    await daemon.said(/ log-gap /);
    const { numbers } = await daemon.snapshot();
    expect(numbers).to.deep.equal({ [daemon.log]: { since: new Date(at).toISOString(), last: 2 } });
  });

  for (const [what, change] of [
    [
      'of a snapshot of release 1.0, which has none',
      (head: string) => head.replace('"numbers":', '"xnumbers":'),
    ],
    [
      'of a snapshot with an absurd number',
      (head: string) => head.replace(/"last":\d+/, '"last":9007199254740993'),
    ],
  ] as const) {
    it(`${what}, begin at 0 at once, with everything else as it was`, async () => {
      const daemon = await new TestDaemon().start();
      daemon.append(...times(3, () => authFailure(IP)));
      await daemon.said(new RegExp(` block ip=${IP} `));
      await daemon.stop();
      const before = written(daemon);
      expect(before.numbers[daemon.log]?.last).to.equal(3);
      const path = join(daemon.state, 'snapshot.json');
      const text = readFileSync(path, 'utf8').replace(/,"crc32":"\w+"/, '');
      expect(change(text)).not.to.equal(text);
      writeFileSync(path, change(text));
      await daemon.start();
      // Another crash now would have to find this numbering.
      const { ips, numbers } = written(daemon);
      expect(numbers[daemon.log]?.last).to.equal(0);
      expect(timeOf(numbers[daemon.log])).to.be.above(timeOf(before.numbers[daemon.log]));
      expect(ips).to.deep.equal(before.ips);
    });
  }

  it('of a log that a reload removes are removed, and begin again where it is added again', async () => {
    const daemon = await new TwoLogs().start();
    daemon.appendOther(authFailure(IP));
    const [own, other] = await daemon.numbers(1);
    daemon.follow(daemon.log);
    await daemon.reload();
    expect((await daemon.snapshot()).numbers).to.deep.equal({ [daemon.log]: own });
    daemon.follow(daemon.log, daemon.other);
    await daemon.reload();
    const { numbers } = await daemon.snapshot();
    expect(numbers[daemon.log]).to.deep.equal(own);
    expect(numbers[daemon.other]?.last).to.equal(0);
    expect(timeOf(numbers[daemon.other])).to.be.above(timeOf(other));
  });
});
