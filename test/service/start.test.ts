// The daemon's start, and the exit code and message where it refuses to start.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, PolicyClient, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { auditOf, caughtUp, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';

/** Starts a daemon that is to give up. @returns its exit code and the lines of its standard error */
async function refusal(daemon: TestDaemon): Promise<{ code: number | NodeJS.Signals; lines: string[] }> {
  daemon.spawn();
  const code = await daemon.exited();
  return { code, lines: daemon.errors.split('\n').slice(0, -1) };
}

describe('service: start', () => {
  afterEach(endDaemons);

  it('logs what it does: version, policy, listeners, log, rules', async () => {
    const daemon = await new TestDaemon().start();
    expect(daemon.output).to.match(
      / info start version=\d+\.\d+\.\d+ policy=\/\S+\/policy\.yml state=\/\S+\/state pid=\d+/,
    );
    expect(daemon.output).to.contain(` info listening address=unix:${daemon.socket}\n`);
    expect(daemon.output).to.contain(` info log-source source=${daemon.log}\n`);
    expect(daemon.output).to.contain(' info ready rules=4 tracked=0\n');
  });

  it('answers on TCP and on a unix socket at once', async () => {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head().replace('listen: [', 'listen: [{inet: "127.0.0.1:0"}, '));
    await daemon.start();
    const [, port] = await daemon.said(/ listening address=inet:127\.0\.0\.1:(\d+)/);
    const client = await PolicyClient.open({ host: '127.0.0.1', port: Number(port) });
    expect(await client.ask({ client_address: IP })).to.equal('action=DUNNO');
    client.close();
    expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
  });

  it('creates the state directory, closed to others', async () => {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head().replace(daemon.state, 'deep/er/state'));
    await daemon.start();
    expect(statSync(join(daemon.folder, 'deep', 'er', 'state')).mode & 0o007).to.equal(0);
  });

  it('starts at the end of a log that it has never read', async () => {
    const daemon = new TestDaemon();
    daemon.append(...times(50, () => rejectedRecipient(IP)));
    await daemon.start();
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
  });

  describe('refused with code 78 and a line for each mistake', () => {
    it('of the policy', async () => {
      const daemon = new TestDaemon();
      const head = `listen: [{inet: 127.0.0.1}]\nmaillog: {file: ${daemon.log}}\nstat: state`;
      daemon.writePolicy(
        '  bad: {counts: nothing, limit: 0, within: 1h, block-for: soon, message: x}\n',
        head,
      );
      const { code, lines } = await refusal(daemon);
      expect(code).to.equal(78);
      const places = lines.map((line) =>
        line.slice(`postblock: ${daemon.policy}:`.length).split(': ', 2).join(': '),
      );
      expect(places).to.deep.equal([
        '1:17: listen[0].inet',
        '3:1: stat',
        '5:17: rules.bad.counts',
        '5:33: rules.bad.limit',
        '5:59: rules.bad.block-for',
      ]);
      for (const line of lines) expect(line).to.match(/; expected |, expected /);
      expect(readdirSync(daemon.folder)).to.deep.equal(['policy.yml']);
    });

    it('where there is no policy', async () => {
      const daemon = new TestDaemon();
      daemon.spawn('serve', '--policy', join(daemon.folder, 'none.yml'));
      expect(await daemon.exited()).to.equal(78);
      expect(daemon.errors).to.match(/^postblock: \/\S+\/none\.yml: cannot be read: ENOENT[^\n]*\n$/);
    });

    it('where the group of a socket does not exist', async () => {
      const daemon = new TestDaemon();
      const head = daemon.head().replace('}]', ', group: no-such-group}]');
      daemon.writePolicy(SMALL_RULES, head);
      expect(await refusal(daemon)).to.deep.equal({
        code: 78,
        lines: [`postblock: cannot listen on unix:${daemon.socket}: there is no group no-such-group`],
      });
    });
  });

  it('refused with code 74 where the state directory cannot be written', async () => {
    const daemon = new TestDaemon();
    writeFileSync(daemon.state, 'a file');
    const { code, lines } = await refusal(daemon);
    expect(code).to.equal(74);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.contain(`postblock: the state directory ${daemon.state} cannot be written: `);
  });

  it('refused with code 69 where the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((open) => other.listen(0, '127.0.0.1', open));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const daemon = new TestDaemon();
    daemon.writePolicy(
      SMALL_RULES,
      daemon.head().replace(/^listen: .*$/m, `listen: [{inet: "127.0.0.1:${port}"}]`),
    );
    const { code, lines } = await refusal(daemon);
    other.close();
    expect(code).to.equal(69);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.contain(`postblock: cannot listen on inet:127.0.0.1:${port}: `);
    expect(readdirSync(daemon.state), 'no socket stays behind').not.to.include('control.sock');
  });

  it('refused with code 69 where another daemon has the unix socket, which continues to answer', async () => {
    const first = await new TestDaemon().start();
    const second = new TestDaemon();
    second.writePolicy(SMALL_RULES, second.head().replace(second.socket, first.socket));
    expect(await refusal(second)).to.deep.equal({
      code: 69,
      lines: [
        `postblock: cannot listen on unix:${first.socket}: ${first.socket} is in use by another process`,
      ],
    });
    expect(await first.verdict(IP)).to.equal('action=DUNNO');
    expect(await first.stop()).to.equal(0);
  });

  it('refused with one plain line where the log file cannot be opened', async () => {
    const daemon = new TestDaemon();
    const path = join(daemon.folder, 'policy.yml', 'postblock.log');
    daemon.writePolicy(SMALL_RULES, daemon.head(`log: {file: ${path}}\n`));
    const { code, lines } = await refusal(daemon);
    expect(lines).to.have.length(1);
    expect(lines[0])
      .to.match(/^postblock: /)
      .and.to.contain(path);
    expect(code).not.to.equal(70);
  });
});

describe('service: a snapshot that cannot be used', () => {
  afterEach(endDaemons);

  const bad: readonly (readonly [what: string, why: string, spoil: (text: string) => string])[] = [
    ['is cut off', 'damaged', (text) => text.slice(0, -20)],
    ['is empty', 'damaged', () => ''],
    ['is no JSON', 'damaged', (text) => text.replace('"block"', 'block')],
    ['has a line too few', 'damaged', (text) => text.replace(/\n"192\.0\.2\.1".*\n/, '\n')],
    ['is not text', 'damaged', () => '\0\xff\xfe'.repeat(10_000)],
    ['comes from another version', 'foreign-version', (text) => text.replace('"version":3', '"version":99')],
  ];
  for (const [what, why, spoil] of bad) {
    it(`because it ${what} is set aside and named in the log, and the service starts`, async () => {
      const daemon = await new TestDaemon().start();
      daemon.append(...times(3, () => rejectedRecipient(IP)));
      await daemon.said(/ block ip=192\.0\.2\.1 /);
      expect(await daemon.stop()).to.equal(0);
      const path = join(daemon.state, 'snapshot.json');
      const spoilt = spoil(readFileSync(path, 'utf8'));
      writeFileSync(path, spoilt);
      await daemon.start();
      const [, name = ''] = await daemon.said(/ error snapshot-set-aside name=(\S+) reason="[^"]/);
      expect(name).to.contain(`${path}.${why}-`);
      expect(readFileSync(name, 'utf8')).to.equal(spoilt);
      expect(await daemon.verdict(IP), 'from the one before').to.match(/^action=REJECT /);
      // The trail goes on with its numbers.
      await caughtUp(daemon);
      await daemon.stop();
      expect(daemon.audit().map(({ sequence }) => sequence)).to.deep.equal([1, 2]);
      expect(auditOf(daemon, IP)).to.have.length(1);
    });
  }

  it('because it is a directory leaves the service starting', async () => {
    const daemon = new TestDaemon();
    mkdirSync(join(daemon.state, 'snapshot.json'), { recursive: true });
    await daemon.start();
    expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
  });
});
