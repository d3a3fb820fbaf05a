// SIGHUP: the new policy takes effect, counts, blocks and connections stay, and a broken policy changes nothing.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, PolicyClient, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';
import { auditOf, caughtUp, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
const DUNNO = 'action=DUNNO';
const TEXT = 'Your IP is sending excessive rejected recipients. Please contact support.';

/** @param follower of the log to which it is appended */
async function blocked(log: TestDaemon, ip: string, count: number, follower = log): Promise<void> {
  log.append(...times(count, () => rejectedRecipient(ip)));
  await follower.said(new RegExp(` block ip=${ip} `));
}

describe('service: reload', () => {
  afterEach(endDaemons);

  it('keeps an open policy connection, also if its listener is removed', async () => {
    const daemon = await new TestDaemon().start();
    await blocked(daemon, IP, 3);
    const client = await PolicyClient.open(daemon.socket);
    const ask = () => client.ask({ protocol_state: 'RCPT', client_address: IP, client_name: 'unknown' });
    expect(await ask()).to.equal(`action=REJECT ${TEXT}`);
    const next = join(daemon.folder, 'next.sock');
    daemon.writePolicy(SMALL_RULES, daemon.head().replace(daemon.socket, next));
    expect(await daemon.reload()).to.equal('taken');
    expect(await ask()).to.equal(`action=REJECT ${TEXT}`);
    expect(client.isClosed).to.equal(false);
    expect(existsSync(daemon.socket)).to.equal(false);
    const other = await PolicyClient.open(next);
    expect(await other.ask({ client_address: IP })).to.equal(`action=REJECT ${TEXT}`);
    other.close();
    client.close();
  });

  it('answers a request that was half sent before it with the new text', async () => {
    const daemon = await new TestDaemon().start();
    await blocked(daemon, IP, 3);
    const client = await PolicyClient.open(daemon.socket);
    client.write(`request=smtpd_access_policy\nclient_address=${IP}\n`);
    daemon.writePolicy(SMALL_RULES.replace(TEXT, '"Call {rule}."'));
    expect(await daemon.reload()).to.equal('taken');
    client.write('\n');
    expect(await client.reply()).to.equal('action=REJECT Call rejected-recipients.');
    client.close();
  });

  it('keeps counts: a limit that was raised or lowered counts the events from before', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(2, () => rejectedRecipient(IP)));
    await caughtUp(daemon);
    daemon.writePolicy(SMALL_RULES.replace('rejected-recipient, limit: 3', 'rejected-recipient, limit: 5'));
    expect(await daemon.reload()).to.equal('taken');
    daemon.append(...times(2, () => rejectedRecipient(IP)));
    await caughtUp(daemon, 5);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    await blocked(daemon, IP, 1);
    expect(await daemon.verdict(IP)).to.equal(`action=REJECT ${TEXT}`);
    const entry = await until('the line in the trail', () => daemon.audit().find(({ ip }) => ip === IP));
    expect(entry).to.include({ count: 5 });
  });

  it('keeps blocks, with the new text, and uses new durations for later ones', async () => {
    const daemon = await new TestDaemon().start();
    await blocked(daemon, IP, 3);
    const before = (await daemon.snapshot()).ips[IP]?.block;
    daemon.writePolicy(
      SMALL_RULES.replace('block-for: 48h', 'block-for: 1h').replace(TEXT, '"Until {until}."'),
    );
    expect(await daemon.reload()).to.equal('taken');
    expect((await daemon.snapshot()).ips[IP]?.block).to.deep.equal(before);
    // The full minute after the end: a client that comes back then is served.
    const minute = Math.ceil(Date.parse(String(before?.until)) / 60_000) * 60_000;
    const end = new Date(minute).toISOString().slice(0, 16).replace('T', ' ');
    expect(await daemon.verdict(IP)).to.equal(`action=REJECT Until ${end} UTC.`);
    await blocked(daemon, '192.0.2.9', 3);
    const later = (await daemon.snapshot()).ips['192.0.2.9']?.block;
    expect(Date.parse(String(later?.until)) - Date.parse(String(later?.since))).to.equal(3_600_000);
  });

  it('ends the block of a client that is allowed now, and writes why', async () => {
    const daemon = await new TestDaemon().start();
    await blocked(daemon, IP, 3);
    daemon.writePolicy(SMALL_RULES, daemon.head(`allow: [${IP}]\n`));
    expect(await daemon.reload()).to.equal('taken');
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    await daemon.said(new RegExp(` block-end ip=${IP} .*reason=allow-listed`));
    daemon.writePolicy(SMALL_RULES);
    expect(await daemon.reload()).to.equal('taken');
    daemon.append(...times(2, () => rejectedRecipient(IP)));
    await caughtUp(daemon);
    expect(await daemon.verdict(IP), 'counts are zero after the end').to.equal(DUNNO);
  });

  it('does not refuse a client whose name is allowed now', async () => {
    const daemon = await new TestDaemon().start();
    await blocked(daemon, IP, 3);
    daemon.writePolicy(SMALL_RULES, daemon.head('allow: [.example.com]\n'));
    expect(await daemon.reload()).to.equal('taken');
    expect(await daemon.verdict(IP, 'mail.example.com')).to.equal(DUNNO);
    expect(await daemon.verdict(IP)).to.equal(`action=REJECT ${TEXT}`);
  });

  it('applies the level of the log', async () => {
    const daemon = await new TestDaemon().start();
    daemon.writePolicy(SMALL_RULES, daemon.head('log: {level: debug}\n'));
    expect(await daemon.reload()).to.equal('taken');
    await daemon.snapshot();
    await daemon.said(/ debug snapshot tracked=0 /);
  });

  it('follows another log', async () => {
    const daemon = await new TestDaemon().start();
    const other = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head().replace(daemon.log, other.log));
    expect(await daemon.reload()).to.equal('taken');
    other.append(...times(3, () => rejectedRecipient(IP)));
    await daemon.said(new RegExp(` block ip=${IP} `));
  });

  describe('that was accepted', () => {
    it('applies to everything later: the interval of snapshots', async () => {
      const daemon = await new TestDaemon().start();
      daemon.writePolicy(SMALL_RULES, daemon.head('snapshot-every: 1s\nlog: {level: debug}\n'));
      expect(await daemon.reload()).to.equal('taken');
      await daemon.said(/ debug snapshot [\s\S]* debug snapshot /);
    });

    it('applies to everything later: the number of tracked clients', async () => {
      const daemon = await new TestDaemon().start();
      daemon.writePolicy(SMALL_RULES, daemon.head('max-tracked: 1000\n'));
      expect(await daemon.reload()).to.equal('taken');
      const ips = Array.from({ length: 1200 }, (_, i) => `198.51.${100 + (i >> 8)}.${i & 255}`);
      daemon.append(...ips.flatMap((ip) => rejectedRecipient(ip)));
      await daemon.said(/ warn max-tracked-reached max=1000\n/);
    });

    it('is what the next one is compared with: a log that comes back is followed again', async () => {
      const daemon = await new TestDaemon().start();
      const other = new TestDaemon();
      await caughtUp(daemon);
      daemon.writePolicy(SMALL_RULES, daemon.head().replace(daemon.log, other.log));
      expect(await daemon.reload()).to.equal('taken');
      await blocked(other, '192.0.2.2', 3, daemon);
      daemon.writePolicy(SMALL_RULES);
      expect(await daemon.reload()).to.equal('taken');
      await blocked(daemon, IP, 3);
    });

    it('warns that another state directory needs a restart, once for each that it is changed to', async () => {
      const daemon = await new TestDaemon().start();
      const warnings = () => daemon.output.split(' warn state-unchanged ').length - 1;
      for (const [state, expected] of [
        [`${daemon.state}.other`, 1],
        [`${daemon.state}.other`, 1],
        [`${daemon.state}.third`, 2],
        [daemon.state, 2],
        [`${daemon.state}/`, 2],
      ] as const) {
        daemon.writePolicy(SMALL_RULES, daemon.head().replace(daemon.state, state));
        expect(await daemon.reload()).to.equal('taken');
        expect(warnings(), state).to.equal(expected);
      }
    });

    it('stays when the next one is refused: the log continues in its file', async () => {
      const daemon = await new TestDaemon().start();
      const path = join(daemon.folder, 'postblock.log');
      daemon.writePolicy(SMALL_RULES, daemon.head(`log: {file: ${path}}\n`));
      daemon.signal('SIGHUP');
      await until(
        'the reload',
        () => existsSync(path) && readFileSync(path, 'utf8').includes(' reload rules='),
      );
      const before = daemon.output;
      writeFileSync(daemon.policy, 'rules: broken\n');
      daemon.signal('SIGHUP');
      await until('the refusal', () => readFileSync(path, 'utf8').includes(' reload-refused '));
      expect(await daemon.stop()).to.equal(0);
      expect(readFileSync(path, 'utf8')).to.match(/ info stop\n$/);
      expect(daemon.output).to.equal(before);
    });

    it('gives the texts by which our own refusals are known: they count against no client', async () => {
      const daemon = await new TestDaemon().start();
      const text = 'Another text of ours.';
      daemon.writePolicy(SMALL_RULES.replace(TEXT, text));
      expect(await daemon.reload()).to.equal('taken');
      const refusal = rejectedRecipient('192.0.2.3').map((line) =>
        line.replace(/550 5\.1\.1 .*?;/, `554 5.7.1 <unknown[192.0.2.3]>: Client host rejected: ${text};`),
      );
      daemon.append(...times(5, () => refusal));
      await caughtUp(daemon);
      expect(await daemon.verdict('192.0.2.3')).to.equal(DUNNO);
    });
  });

  describe('with a policy that cannot be applied', () => {
    const socket = (daemon: TestDaemon) => daemon.head().split('\n', 1)[0] ?? '';
    const bad: readonly (readonly [
      what: string,
      mistakes: readonly RegExp[],
      head: (daemon: TestDaemon) => string,
    ])[] = [
      [
        'because of mistakes',
        [
          /policy\.yml:2:10: maillog: /,
          /policy\.yml:3:1: allowed: is not a known option/,
          /policy\.yml:4:14: ipv6-prefix: /,
        ],
        (daemon) => `${socket(daemon)}\nmaillog: none\nallowed: []\nipv6-prefix: wide`,
      ],
      [
        'because it is no YAML',
        [/policy\.yml:\d+:8: the \[ is not closed; expected \]/],
        (daemon) => `${daemon.head()}allow: [`,
      ],
      [
        'because a listener cannot be opened',
        [/cannot listen on unix:\S+\/none\/policy\.sock: /],
        (daemon) => daemon.head().replace(daemon.socket, join(daemon.folder, 'none', 'policy.sock')),
      ],
      [
        'because its log file cannot be opened',
        [/policy\.yml\/postblock\.log/],
        (daemon) => daemon.head(`log: {file: ${daemon.policy}/postblock.log}\n`),
      ],
    ];
    for (const [what, mistakes, head] of bad) {
      it(`${what} reports each mistake, and nothing changes`, async () => {
        const daemon = await new TestDaemon().start();
        await blocked(daemon, IP, 3);
        daemon.append(...times(2, () => rejectedRecipient('192.0.2.2')));
        const client = await PolicyClient.open(daemon.socket);
        daemon.writePolicy(
          SMALL_RULES.replace(TEXT, 'Another text.').replace('limit: 3', 'limit: 300'),
          head(daemon),
        );
        expect(await daemon.reload()).to.equal('refused');
        const lines = daemon.output.split('\n').filter((line) => line.includes(' error policy-mistake '));
        expect(lines).to.have.length(mistakes.length);
        for (const [i, mistake] of mistakes.entries()) expect(lines[i]).to.match(mistake);
        expect(daemon.output).to.match(new RegExp(` error reload-refused mistakes=${mistakes.length} `));
        expect(await client.ask({ client_address: IP })).to.equal(`action=REJECT ${TEXT}`);
        expect(await daemon.verdict(IP)).to.equal(`action=REJECT ${TEXT}`);
        await blocked(daemon, '192.0.2.2', 1);
        client.close();
      });
    }
  });

  it('names in the log what has changed', async () => {
    const daemon = await new TestDaemon().start();
    expect(await daemon.reload()).to.equal('taken');
    await daemon.said(/ info reload rules=4 listening=\S+ changed=nothing\n/);
    const rules = SMALL_RULES.replace('limit: 3', 'limit: 4').replace('48h', '1h');
    daemon.writePolicy(rules, daemon.head('allow: [192.0.2.9]\nlog: {format: json}\n'));
    daemon.signal('SIGHUP');
    const [, changed = ''] = await daemon.said(/"event":"reload".*"changed":("[^"]*")/);
    expect(JSON.parse(changed).split('; ')).to.have.members([
      'allow: +192.0.2.9',
      'log.format: text -> json',
      'rules.rejected-recipients.limit: 3 -> 4',
      'rules.rejected-recipients.block-for: 2d -> 1h',
    ]);
  });

  it('applies a new time zone to stamps without one, from the next line on', async () => {
    const daemon = await new TestDaemon({ env: { TZ: 'UTC' } }).start();
    /** A stamp of today by clocks that are 5 h 45 min ahead of UTC. */
    const inKathmandu = (at: number) => {
      const [, date = '', month = '', , time = ''] = new Date(at + 20_700_000).toUTCString().split(' ');
      return `${month} ${date} ${time} mx1 `;
    };
    const at = Math.floor(Date.now() / 1000) * 1000 - 30_000;
    const refused = (ip: string) =>
      rejectedRecipient(ip, at).map((line) => line.replace(/^\S+ mx1 /, inKathmandu(at)));
    daemon.append(...times(3, () => refused('192.0.2.2')));
    await daemon.said(/ block ip=192\.0\.2\.2 /);
    await daemon.said(/ log-ahead /);
    daemon.writePolicy(SMALL_RULES, daemon.head('zone: Asia/Kathmandu\n'));
    expect(await daemon.reload()).to.equal('taken');
    daemon.append(...times(3, () => refused(IP)));
    await daemon.said(new RegExp(` block ip=${IP} `));
    const entry = await until('the line in the trail', () => daemon.audit().find(({ ip }) => ip === IP));
    expect(entry.at).to.equal(new Date(at).toISOString());
    expect(await daemon.verdict('192.0.2.2')).to.equal(`action=REJECT ${TEXT}`);
  });

  describe('of a path that is not a file', () => {
    const places: readonly (readonly [what: string, put: (path: string) => void])[] = [
      ['a pipe that nobody writes to', (path) => expect(spawnSync('mkfifo', [path]).status).to.equal(0)],
      ['a directory', (path) => mkdirSync(path)],
      ['a device without end', (path) => symlinkSync('/dev/zero', path)],
    ];
    for (const [what, put] of places) {
      it(`${what}, is refused; the next one is accepted, and the daemon stops when it is asked to`, async () => {
        const daemon = await new TestDaemon().start();
        rmSync(daemon.policy);
        put(daemon.policy);
        expect(await daemon.reload()).to.equal('refused');
        expect(await daemon.verdict(IP)).to.equal(DUNNO);
        rmSync(daemon.policy, { recursive: true });
        daemon.writePolicy(SMALL_RULES);
        expect(await daemon.reload()).to.equal('taken');
        rmSync(daemon.policy);
        put(daemon.policy);
        daemon.signal('SIGHUP');
        expect(await daemon.stop()).to.equal(0);
      });
    }
  });

  it('that waits for something outside delays neither verdicts nor the stop', async () => {
    const bin = temporaryFolder();
    const called = join(bin, 'called');
    writeFileSync(join(bin, 'getent'), `#!/bin/sh\n: > ${called}\nexec sleep 60\n`, { mode: 0o755 });
    const daemon = await new TestDaemon({ env: { PATH: `${bin}:${process.env.PATH}` } }).start();
    daemon.writePolicy(
      SMALL_RULES,
      daemon.head().replace(`${daemon.socket}}`, `${daemon.socket}, group: adm}`),
    );
    daemon.signal('SIGHUP');
    await until('the look for the group', () => existsSync(called));
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    expect(await daemon.stop()).to.equal(0);
    expect(daemon.output).not.to.match(/ reload(?:-refused)? /);
  });

  describe('of the daemon’s own log file', () => {
    function linesOf(path: string): string[] {
      return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
    }

    async function startWithFile(): Promise<{ daemon: TestDaemon; path: string }> {
      const daemon = new TestDaemon();
      const path = join(daemon.folder, 'postblock.log');
      daemon.writePolicy(SMALL_RULES, daemon.head(`log: {file: ${path}}\n`));
      daemon.spawn();
      await until('the daemon to be ready', () => linesOf(path).some((line) => line.includes(' ready ')));
      return { daemon, path };
    }

    const reloads = (path: string) =>
      linesOf(path).filter((line) => / reload(?:-refused)? /.test(line)).length;

    for (const state of ['whole', 'broken'] as const) {
      it(`reopens it after logrotate has renamed it, with a ${state} policy`, async () => {
        const { daemon, path } = await startWithFile();
        const before = linesOf(path);
        renameSync(path, `${path}.1`);
        if (state === 'broken') writeFileSync(daemon.policy, 'rules: broken\n');
        daemon.signal('SIGHUP');
        await until('the new file', () => reloads(path) === 1);
        expect(await daemon.stop()).to.equal(0);
        expect(linesOf(`${path}.1`)).to.deep.equal(before);
        expect(linesOf(path).at(-1)).to.match(/ info stop$/);
      });
    }

    it('closes the renamed file, however often it is renamed', async () => {
      const { daemon, path } = await startWithFile();
      for (let i = 1; i <= 5; i++) {
        renameSync(path, `${path}.${i}`);
        daemon.signal('SIGHUP');
        await until('the new file', () => reloads(path) === 1);
      }
      const held = () =>
        readdirSync(`/proc/${daemon.pid}/fd`).filter((fd) => {
          try {
            return readlinkSync(`/proc/${daemon.pid}/fd/${fd}`).startsWith(path);
          } catch {
            return false;
          }
        });
      await until('all but one to be closed', () => held().length <= 1);
    });
  });

  it('handles many signals at once', async () => {
    const daemon = await new TestDaemon().start();
    await blocked(daemon, IP, 3);
    for (let i = 0; i < 20; i++) daemon.signal('SIGHUP');
    await daemon.said(/ reload rules=4 /);
    expect(await daemon.verdict(IP)).to.equal(`action=REJECT ${TEXT}`);
    expect(await daemon.stop()).to.equal(0);
    expect(auditOf(daemon, IP)).to.have.length(1);
  });
});
