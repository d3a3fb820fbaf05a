// The log of a running daemon, in text and in JSON.

import { spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CLI, endDaemons, PolicyClient, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';
import { caughtUp, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';

describe('service: its log', () => {
  afterEach(endDaemons);

  it('has one line per event as text: time, level, event, name=value', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await caughtUp(daemon);
    await daemon.stop();
    const lines = daemon.output.split('\n').slice(0, -1);
    const form =
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warn|info|debug) [a-z-]+(?: [A-Za-z]+=(?:[\w.:/@+-]+|"[^"]*"))*$/;
    for (const line of lines) expect(line).to.match(form);
    const events = lines.map((line) => line.split(' ')[2]);
    expect(events).to.include.members(['start', 'listening', 'log-source', 'ready', 'block', 'stop']);
    expect(lines.join('\n')).to.match(
      /info block ip=192\.0\.2\.1 rule=rejected-recipients since=\S+Z until=\S+Z count=3/,
    );
  });

  it('has one object per line as JSON', async () => {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head('log: {format: json}\n'));
    daemon.spawn();
    await daemon.said(/"event":"ready"/);
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await daemon.said(/"event":"block"/);
    await daemon.stop();
    const lines = daemon.output.split('\n').slice(0, -1);
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const entry of entries) expect(entry).to.include.all.keys('time', 'level', 'event');
    const block = entries.find(({ event }) => event === 'block');
    expect(block).to.deep.include({ level: 'info', ip: IP, rule: 'rejected-recipients', count: 3 });
    expect(Date.parse(String(block?.until)) - Date.parse(String(block?.since))).to.equal(48 * 3_600_000);
  });

  describe('under systemd', () => {
    /** Its standard output is this file, and the stream to the journal is this one. */
    async function linesOf(stream: (device: bigint, inode: bigint) => string, head = ''): Promise<string[]> {
      const path = join(temporaryFolder(), 'journal');
      const file = openSync(path, 'a');
      const { dev, ino } = fstatSync(file, { bigint: true });
      const daemon = new TestDaemon({ env: { JOURNAL_STREAM: stream(dev, ino) } });
      daemon.writePolicy(SMALL_RULES, daemon.head(head));
      daemon.spawnInto(file);
      closeSync(file);
      await until('the daemon to be ready', () => readFileSync(path, 'utf8').includes('log-source-lost'));
      await daemon.stop();
      return readFileSync(path, 'utf8').split('\n').slice(0, -1);
    }

    it('has the priority of each line in front of it, where its output is the journal', async () => {
      const lines = await linesOf((device, inode) => `${device}:${inode}`);
      const priorities = { info: '<6>', warn: '<4>' } as const;
      for (const line of lines) {
        const level = line.split(' ')[1] as keyof typeof priorities;
        expect(line).to.match(new RegExp(`^${priorities[level]}\\d{4}-`));
      }
      expect(lines.some((line) => line.startsWith('<4>'))).to.equal(true);
    });

    it('has none in front of JSON', async () => {
      const lines = await linesOf((device, inode) => `${device}:${inode}`, 'log: {format: json}\n');
      for (const line of lines) expect(JSON.parse(line)).to.be.an('object');
    });

    const others: readonly (readonly [what: string, stream: (device: bigint, inode: bigint) => string])[] = [
      ['another stream', (device, inode) => `${device}:${inode + 1n}`],
      ['another device', (device, inode) => `${device + 1n}:${inode}`],
      ['no numbers', () => 'x'],
    ];
    for (const [what, stream] of others)
      it(`has none where JOURNAL_STREAM is of ${what}`, async () => {
        for (const line of await linesOf(stream)) expect(line).to.match(/^\d{4}-/);
      });

    it('has the priority in front of what keeps it from starting', async () => {
      const path = join(temporaryFolder(), 'journal');
      const file = openSync(path, 'a');
      const { dev, ino } = fstatSync(file, { bigint: true });
      const env = { ...process.env, JOURNAL_STREAM: `${dev}:${ino}` };
      const args = [CLI, 'serve', '--policy', '/nonexistent.yml'];
      const { status } = spawnSync(process.execPath, args, { env, stdio: ['ignore', file, file] });
      closeSync(file);
      expect(status).to.equal(78);
      expect(readFileSync(path, 'utf8')).to.match(/^<3>postblock: \/nonexistent\.yml: cannot be read/);
    });
  });

  it('writes nothing below the configured level', async () => {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head('log: {level: error}\n'));
    daemon.spawn();
    await until('an answer', () => daemon.verdict(IP).catch(() => undefined));
    await until('the block', async () => {
      daemon.append(...rejectedRecipient(IP));
      return (await daemon.verdict(IP)).startsWith('action=REJECT ');
    });
    expect(await daemon.stop()).to.equal(0);
    expect(daemon.output).to.equal('');
  });

  it('reports refused policy clients with listener and reason, at most twenty of a flood', async () => {
    const daemon = await new TestDaemon().start();
    for (let i = 0; i < 60; i++) {
      const client = await PolicyClient.open(daemon.socket);
      client.write(`HELO ${i} ip 192.0.2.99 \x1b[31m \x9b31m\n`);
      await until('the end of the connection', () => client.isClosed);
    }
    await daemon.verdict(IP);
    await daemon.stop();
    const lines = daemon.output.split('\n').filter((line) => line.includes('policy-client-refused'));
    expect(lines).to.have.length(20);
    expect(lines[0]).to.match(
      /^\S+ warn policy-client-refused listener=unix:\/\S+\/policy\.sock reason="a line without /,
    );
    for (const line of lines) expect(line).to.match(/^[\x20-\x7e]+$/);
  });

  it('reports a mail log that is missing, and its return, once each', async () => {
    const daemon = await new TestDaemon().start();
    await daemon.said(/ warn log-source-lost source=\S+\/mail\.log reason="ENOENT/);
    daemon.append(...rejectedRecipient(IP));
    await daemon.said(/ info log-source-found source=\S+\/mail\.log/);
    await caughtUp(daemon);
    await daemon.stop();
    expect(daemon.output.match(/ log-source-lost /g)).to.have.length(1);
    expect(daemon.output.match(/ log-source-found /g)).to.have.length(1);
  });

  it('on a full disk stops neither verdicts nor counting, nor the stop of the daemon', async () => {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head('log: {level: debug, file: /dev/full}\n'));
    daemon.spawn();
    await until('an answer', () => daemon.verdict(IP).catch(() => undefined));
    await until('the block', async () => {
      daemon.append(...rejectedRecipient(IP));
      return (await daemon.verdict(IP)).startsWith('action=REJECT ');
    });
    await daemon.snapshot();
    expect(await daemon.stop()).to.equal(0);
  });

  describe('on standard output', () => {
    const open = new Set<number>();
    afterEach(() => {
      for (const fd of open) closeSync(fd);
      open.clear();
    });

    /** A daemon whose standard output is a pipe. @returns the end of it that reads */
    function spawnWithPipe(daemon: TestDaemon): number {
      const pipe = join(daemon.folder, 'stdout');
      expect(spawnSync('mkfifo', [pipe]).status).to.equal(0);
      const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
      const writer = openSync(pipe, constants.O_WRONLY);
      daemon.spawnInto(writer);
      closeSync(writer);
      open.add(reader);
      return reader;
    }

    /** Logs more than a pipe takes. */
    async function blockThousand(daemon: TestDaemon): Promise<void> {
      const ips = Array.from({ length: 1000 }, (_, i) => `198.51.${100 + (i >> 8)}.${i & 255}`);
      await until('an answer', () => daemon.verdict(IP).catch(() => undefined));
      for (const ip of ips) daemon.append(...times(3, () => rejectedRecipient(ip)));
      await until('the last block', async () =>
        (await daemon.verdict(ips.at(-1) ?? '')).startsWith('action=REJECT '),
      );
    }

    it('without a reader delays neither verdicts nor the stop', async () => {
      const daemon = new TestDaemon();
      spawnWithPipe(daemon);
      await blockThousand(daemon);
      daemon.signal('SIGHUP');
      expect(await daemon.stop()).to.equal(0);
      expect(daemon.audit().filter(({ event }) => event === 'block')).to.have.lengthOf.at.least(1000);
    });

    it('whose reader goes away does not end the daemon', async () => {
      const daemon = new TestDaemon();
      const reader = spawnWithPipe(daemon);
      await until('an answer', () => daemon.verdict(IP).catch(() => undefined));
      closeSync(reader);
      open.delete(reader);
      await blockThousand(daemon);
      expect(await daemon.stop()).to.equal(0);
      expect(existsSync(join(daemon.state, 'snapshot.json'))).to.equal(true);
    });

    it('loses no line when a reload moves it to a file, and none when one moves it back', async () => {
      const daemon = await new TestDaemon().start();
      const path = join(daemon.folder, 'postblock.log');
      const written = () => `${daemon.output}${existsSync(path) ? readFileSync(path, 'utf8') : ''}`;
      for (let round = 0; round < 6; round++) {
        daemon.append(...times(3, () => rejectedRecipient(`203.0.113.${round}`)));
        daemon.writePolicy(SMALL_RULES, daemon.head(round % 2 === 0 ? `log: {file: ${path}}\n` : ''));
        daemon.signal('SIGHUP');
        await until(
          'the reload and the block',
          () =>
            written().split(' reload rules=').length === round + 2 &&
            written().includes(` block ip=203.0.113.${round} `),
        );
      }
      await daemon.stop();
      const blocked = [...written().matchAll(/ block ip=203\.0\.113\.(\d+) /g)].map(([, ip]) => ip);
      expect(blocked.sort()).to.deep.equal(['0', '1', '2', '3', '4', '5']);
    });
  });
});
