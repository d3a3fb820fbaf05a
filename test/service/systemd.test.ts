// The daemon under systemd, which is played: its notifications, and the sockets that systemd passes.

import { execFile } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { CLI, endDaemons, PolicyClient, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { describeReal } from '../harness/real.ts';
import { endManagers, PYTHON, TestManager } from '../harness/service-manager.ts';
import { until } from '../harness/until.ts';

const ASKED = { client_address: '192.0.2.1' };
const DUNNO = 'action=DUNNO';

async function reply(where: string | { host: string; port: number }): Promise<string> {
  const client = await PolicyClient.open(where);
  return await client.ask(ASKED).finally(() => client.close());
}

/** Connects, and resolves when the daemon has closed the connection. */
async function closed(path: string): Promise<void> {
  const socket = connect(path).resume();
  await new Promise((resolve) => socket.once('close', resolve).once('error', resolve));
}

describeReal('service: under systemd', PYTHON, () => {
  afterEach(endManagers);

  it('is ready when its listener answers, with its state as text', async () => {
    const manager = await (await TestManager.open()).start();
    expect(manager.output).to.match(/ ready /);
    expect(manager.notified[0]).to.deep.equal(['EXTEND_TIMEOUT_USEC=30000000', 'STATUS=starting']);
    expect(manager.notified[1]).to.deep.equal(['READY=1', 'STATUS=4 rules, 0 clients tracked, 0 blocked']);
    expect(await reply(manager.daemon.socket)).to.equal(DUNNO);
  });

  it('reports a reload, its end, also where the policy is refused, and its stop', async () => {
    const manager = await (await TestManager.open()).start();
    for (const [rules, event] of [
      [SMALL_RULES, /reload rules=/],
      ['  x: {}', /reload-refused/],
    ] as const) {
      manager.daemon.writePolicy(rules);
      const { length } = manager.notified;
      manager.signal('SIGHUP');
      await manager.hears(length, 'RELOADING=1');
      await manager.hears(length + 1, 'READY=1');
      expect(manager.output).to.match(event);
    }
    expect(manager.notified.at(-1)?.at(-1)).to.match(/^STATUS=trouble: reload-refused: policy\.yml cannot /);
    await manager.stop();
    expect(manager.notified.at(-1)).to.deep.equal(['STOPPING=1', 'STATUS=stopping']);
    expect(manager.ended).to.deep.equal([0]);
  });

  it('gives signs of life to its watchdog, and none while it is frozen', async () => {
    const manager = await TestManager.open(undefined, { environment: { WATCHDOG_USEC: '600000' } });
    await manager.start();
    const pings = () => manager.notified.filter((heard) => heard.includes('WATCHDOG=1')).length;
    const before = pings();
    await until('signs of life', () => pings() > before + 3);
    manager.signal('SIGSTOP');
    // What was on its way still comes.
    let last = -1;
    await until('silence', async () => {
      const seen = last;
      last = pings();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return seen === last;
    });
    manager.signal('SIGCONT');
    await until('signs of life', () => pings() > last + 1);
  });

  it('has no watchdog where WATCHDOG_PID is another process', async () => {
    const environment = { WATCHDOG_USEC: '300000', WATCHDOG_PID: '1' };
    const manager = await (await TestManager.open(undefined, { environment })).start();
    await manager.stop();
    expect(manager.notified.flat()).not.to.include('WATCHDOG=1');
  });

  it('answers mail where systemd-notify is missing, and logs that once', async () => {
    const environment = { WATCHDOG_USEC: '300000' };
    const manager = await TestManager.open(undefined, { environment, path: '/nonexistent' });
    manager.launch();
    await manager.said(/ ready /);
    expect(await reply(manager.daemon.socket)).to.equal(DUNNO);
    manager.signal('SIGHUP');
    await manager.said(/ reload rules=/);
    await manager.stop();
    expect(manager.output.match(/ warn notify-failed reason=/g)).to.have.length(1);
    expect(manager.ended).to.deep.equal([0]);
  });

  it('uses passed sockets of all kinds, and leaves their files', async () => {
    const daemon = new TestDaemon();
    const head = daemon.head().replace('[{', '[{inet: 127.0.0.1:10971}, {inet: "[0:0::1]:10971"}, {');
    daemon.writePolicy(SMALL_RULES, head);
    const listen = [
      { unix: daemon.socket },
      { inet: ['127.0.0.1', 10971] },
      { inet: ['::1', 10971] },
    ] as const;
    const manager = await (await TestManager.open(daemon, { listen })).start();
    expect(manager.output).not.to.match(/ socket-not-/);
    const { ino } = lstatSync(daemon.socket);
    const all = [daemon.socket, { host: '127.0.0.1', port: 10971 }, { host: '::1', port: 10971 }];
    for (const where of all) expect(await reply(where)).to.equal(DUNNO);
    await manager.restart();
    for (const where of all) expect(await reply(where)).to.equal(DUNNO);
    await manager.stop();
    expect(lstatSync(daemon.socket).ino).to.equal(ino);
  });

  it('reports where the sockets and listen: differ; a reload can change that without a restart', async () => {
    const daemon = new TestDaemon();
    const other = join(daemon.folder, 'other.sock');
    const head = daemon.head();
    daemon.writePolicy(SMALL_RULES, head.replace(daemon.socket, other));
    const manager = await (await TestManager.open(daemon)).start();
    expect(manager.output).to.match(/ warn socket-not-listed listener=unix:\S+\/policy\.sock /);
    expect(manager.output).to.match(/ warn socket-not-passed listener=unix:\S+\/other\.sock /);
    await closed(daemon.socket);
    expect(await reply(other)).to.equal(DUNNO);

    const reload = async (text: string) => {
      daemon.writePolicy(SMALL_RULES, text);
      const { length } = manager.notified;
      manager.signal('SIGHUP');
      await manager.hears(length + 1, 'READY=1');
    };
    await reload(head);
    expect(await reply(daemon.socket)).to.equal(DUNNO);
    await closed(other);
    const open = await PolicyClient.open(daemon.socket);
    expect(await open.ask(ASKED)).to.equal(DUNNO);
    await reload(head.replace(daemon.socket, other));
    expect(await open.ask(ASKED)).to.equal(DUNNO);
    open.close();
    await closed(daemon.socket);
    expect(await reply(other)).to.equal(DUNNO);
  });
});

describe('service: the command reload', () => {
  afterEach(endDaemons);

  const reload = (daemon: TestDaemon) =>
    new Promise<{ status: number; errors: string }>((resolve) => {
      execFile(process.execPath, [CLI, 'reload', '--policy', daemon.policy], (error, _, errors) =>
        resolve({ status: Number(error?.code ?? 0), errors }),
      );
    });

  it('ends when the new policy runs, or with its mistakes when it is refused', async () => {
    const daemon = await new TestDaemon().start();
    daemon.writePolicy(SMALL_RULES.replaceAll('limit: 3', 'limit: 4'));
    expect(await reload(daemon)).to.deep.equal({ status: 0, errors: '' });
    expect(daemon.output).to.match(/ reload rules=4 .*limit/);
    daemon.writePolicy(SMALL_RULES.replaceAll('limit: 3', 'limit: many'));
    const refused = await reload(daemon);
    expect(refused.status).to.equal(78);
    expect(refused.errors.match(/policy\.yml:\d+:\d+: rules\.\S+\.limit: /g)).to.have.length(4);
    // What only the running daemon finds.
    daemon.writePolicy(SMALL_RULES, daemon.head().replace(daemon.socket, daemon.folder));
    const taken = await reload(daemon);
    expect(taken.status).to.equal(78);
    expect(taken.errors).to.match(/cannot listen on unix:/);
    daemon.writePolicy(SMALL_RULES);
    expect((await reload(daemon)).status).to.equal(0);
  });

  it('says that no daemon answers', async () => {
    const daemon = await new TestDaemon().start();
    await daemon.stop();
    const { status, errors } = await reload(daemon);
    expect(status).to.equal(69);
    expect(errors).to.contain('no daemon answers');
  });
});
