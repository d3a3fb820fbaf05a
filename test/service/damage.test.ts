// The daemon starts, whatever is in its state directory, and counts and blocks as always.

import { appendFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { auditOf, caughtUp, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
const BY_HAND = '"written":"x","at":"2025-03-04T05:06:07.890Z","by":"x","why":"x"';
/** As large as a snapshot of a million clients, and all zeros: what a loss of power may leave of it. */
const LARGE = 450_000_000;

type Spoil = (state: string) => void;

const replaceIn =
  (name: string, from: string | RegExp, to: string): Spoil =>
  (state) => {
    // As of a file from before the checksum, which would find all of it.
    const before = readFileSync(join(state, name), 'utf8').replace(/,"crc32":"[0-9a-f]{8}"/, '');
    const after = before.replace(from, to);
    expect(after).not.to.equal(before);
    writeFileSync(join(state, name), after);
  };

const trail =
  (line: string): Spoil =>
  (state) =>
    appendFileSync(join(state, 'audit.jsonl'), `${line}\n`);

const DAMAGE: readonly (readonly [what: string, spoil: Spoil])[] = [
  [
    'a snapshot that is all zeros',
    (state) => {
      writeFileSync(join(state, 'snapshot.json'), '');
      truncateSync(join(state, 'snapshot.json'), LARGE);
    },
  ],
  ['a log position beyond any file', replaceIn('snapshot.json', /"offset":\d+/, '"offset":1e300')],
  ['a log position that follows on no file', replaceIn('snapshot.json', '"mark":"', '"after":3,"mark":"')],
  ['a client that is no address', replaceIn('snapshot.json', `"${IP}"`, '"__proto__"')],
  ['a count without end', replaceIn('snapshot.json', '"count":3', '"count":1e999')],
  [
    'a trail in which a block has no address',
    trail(`{"version":1,"sequence":90,"event":"block",${BY_HAND}}`),
  ],
  [
    'a trail in which a block ends never',
    trail(`{"version":1,"sequence":90,"event":"block","ip":"192.0.2.2","until":"never",${BY_HAND}}`),
  ],
  [
    'a trail of zeros',
    (state) => {
      truncateSync(join(state, 'audit.jsonl'), 50_000_000);
      appendFileSync(join(state, 'audit.jsonl'), '\n');
    },
  ],
  ['a rotated trail that leads nowhere', (state) => symlinkSync('nowhere', join(state, 'audit.jsonl.1'))],
];

describe('service: a damaged state directory', () => {
  afterEach(endDaemons);

  for (const [what, spoil] of DAMAGE) {
    it(`with ${what} stops none of its work`, async () => {
      const daemon = await new TestDaemon().start();
      daemon.append(...times(3, () => rejectedRecipient(IP)));
      await daemon.said(/ block ip=192\.0\.2\.1 /);
      expect(await daemon.stop()).to.equal(0);
      spoil(daemon.state);
      await daemon.start();
      daemon.append(...times(3, () => rejectedRecipient('192.0.2.9')));
      await daemon.said(/ block ip=192\.0\.2\.9 /);
      expect(await daemon.verdict('192.0.2.9')).to.match(/^action=REJECT /);
      expect((await daemon.snapshot()).ips).to.have.property('192.0.2.9');
      expect(await daemon.stop()).to.equal(0);
      expect(await (await daemon.start()).verdict('192.0.2.9'), 'after another start').to.match(
        /^action=REJECT /,
      );
    });
  }

  it('with a directory in place of the trail sets it aside, logs that, and starts a trail', async () => {
    const daemon = new TestDaemon();
    mkdirSync(join(daemon.state, 'audit.jsonl'), { recursive: true });
    await daemon.start();
    await daemon.said(/ error audit-set-aside name=/);
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await daemon.said(/ block ip=192\.0\.2\.1 /);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    expect((await daemon.snapshot()).ips).to.have.property(IP);
    expect(auditOf(daemon, IP)).to.have.length(1);
  });

  describe('and blocks and acts by hand in it', () => {
    const HELD = '192.0.2.5';
    const LIFTED = '192.0.2.6';

    async function ended(): Promise<TestDaemon> {
      const daemon = await new TestDaemon().start();
      daemon.append(...[IP, LIFTED].flatMap((ip) => times(3, () => rejectedRecipient(ip))));
      await caughtUp(daemon);
      const act = { by: 'alice', reason: 'ticket 4711' };
      await ask(daemon.state, { command: 'unblock', ip: LIFTED, ...act });
      await ask(daemon.state, {
        command: 'block',
        ip: HELD,
        rule: 'auth-failures',
        duration: 3_600_000,
        ...act,
      });
      expect(await daemon.stop()).to.equal(0);
      return daemon;
    }

    /** Flips one bit of the time at which a block ends: what is left is valid. */
    function flip({ state }: TestDaemon, name: string): void {
      const path = join(state, name);
      const bytes = readFileSync(path);
      const place = bytes.indexOf('"until":"') + 12;
      bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
      JSON.parse(bytes.toString());
      writeFileSync(path, bytes);
    }

    async function expectKept(daemon: TestDaemon): Promise<void> {
      for (const ip of [IP, HELD]) expect(await daemon.verdict(ip), ip).to.match(/^action=REJECT /);
      expect(await daemon.verdict(LIFTED)).to.equal('action=DUNNO');
      await caughtUp(daemon);
      expect(await daemon.stop()).to.equal(0);
      const entries = daemon.audit().map(({ ip, event, at, since }) => [ip, event, since ?? at].join());
      expect(new Set(entries).size, 'each line of the trail once').to.equal(entries.length);
    }

    it('loses nothing with one bit flipped in the newest snapshot: the one before is read', async () => {
      const daemon = await ended();
      flip(daemon, 'snapshot.json');
      await daemon.start();
      expect(daemon.output).to.match(/ error snapshot-set-aside name=\S+ reason="[^"]*checksum/);
      expect(daemon.output).to.match(/ snapshot-read .*file=\S+snapshot-before\.json/);
      await expectKept(daemon);
    });

    it('loses no block with one bit flipped in both: the trail is read', async () => {
      const daemon = await ended();
      for (const name of ['snapshot.json', 'snapshot-before.json']) flip(daemon, name);
      writeFileSync(join(daemon.state, 'audit.jsonl.2.xz'), '');
      await daemon.start();
      expect(daemon.output.match(/ error snapshot-set-aside /g)).to.have.lengthOf(2);
      expect(daemon.output).to.match(
        / warn state-rebuilt blocks=3 watched=0 graces=0 allowed=0 lines=5 since=\S+ advice="[^"]* another program than gzip compressed were not read"/,
      );
      await expectKept(daemon);
    });
  });
});
