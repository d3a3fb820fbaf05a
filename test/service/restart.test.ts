// Restarts under load where systemd holds the socket: no request is lost, and no reply is wrong.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Notice } from '../../src/notices/notice.ts';
import { PolicyClient, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { sampleValue } from '../harness/exposition.ts';
import { type LoadFigures, PolicyLoad } from '../harness/policy-load.ts';
import { describeReal } from '../harness/real.ts';
import { figure, scaled } from '../harness/scale.ts';
import { scrape } from '../harness/scrape.ts';
import { endManagers, PYTHON, TestManager } from '../harness/service-manager.ts';
import { until } from '../harness/until.ts';
import { rejectedRecipient, times } from './mail.ts';

const BLOCKED = '192.0.2.1';
const OTHER = '192.0.2.2';
const REJECT = 'action=REJECT Your IP is sending excessive rejected recipients. Please contact support.';
const RESTARTS = scaled(3);

/** Every third request is of the blocked client. */
function asked(number: number): { address: string; reply: string } {
  if (number % 3 === 0) return { address: BLOCKED, reply: REJECT };
  return { address: `198.51.100.${number % 256}`, reply: 'action=DUNNO' };
}

describeReal('service: a restart under systemd', PYTHON, function () {
  this.timeout(20_000 + 10_000 * RESTARTS);
  afterEach(endManagers);

  /** A service that has blocked a client. */
  async function started(stored: number): Promise<TestManager> {
    const manager = await (await TestManager.open(undefined, { stored })).start();
    manager.daemon.append(...times(3, () => rejectedRecipient(BLOCKED)));
    await manager.said(/ block ip=192\.0\.2\.1 /);
    return manager;
  }

  async function loaded(manager: TestManager): Promise<LoadFigures> {
    const load = new PolicyLoad({
      socket: manager.daemon.socket,
      connections: 100,
      rate: 10_000,
      ask: asked,
    });
    const between = { asked: 0, ms: 0 };
    for (let restart = 0; restart < RESTARTS; restart++) {
      const [before, begun] = [load.figures.asked, performance.now()];
      await until('requests', () => load.figures.asked > before + 5000);
      between.asked += load.figures.asked - before;
      between.ms += performance.now() - begun;
      await manager.restart();
    }
    const figures = await load.end();
    const { lost, wrong, longest, seconds, reopened } = figures;
    const rates = [figures.asked / seconds, between.asked / (between.ms / 1000)].map(Math.round);
    figure(
      `${RESTARTS} restarts, ${figures.asked} requests, ${rates[0]} a second, ${rates[1]} between restarts: ` +
        `${lost.length} lost, ${wrong.length} wrong, the longest ${Math.round(longest)} ms, ${reopened} reopened`,
    );
    return figures;
  }

  it('loses no request and gives no wrong reply while Postfix asks, where systemd keeps connections', async () => {
    const manager = await started(1000);
    const { lost, wrong, reopened } = await loaded(manager);
    expect({ lost, wrong, reopened }).to.deep.equal({ lost: [], wrong: [], reopened: 0 });
    expect(manager.stored).to.be.at.least(100 * RESTARTS);
    expect(manager.ended).to.deep.equal(Array(RESTARTS).fill(0));
  });

  it('gives no wrong reply, and refuses no connection, where systemd keeps none', async () => {
    const { lost, wrong } = await loaded(await started(0));
    expect(wrong).to.deep.equal([]);
    expect(lost.filter((why) => why === 'the connection was refused')).to.deep.equal([]);
  });

  it('answers a request that was sent while no process ran, and one whose second half came then', async () => {
    const manager = await started(10);
    const text = `request=smtpd_access_policy\nclient_address=${BLOCKED}\n\n`;
    const [whole, half] = [
      await PolicyClient.open(manager.daemon.socket),
      await PolicyClient.open(manager.daemon.socket),
    ];
    expect(await whole.ask({ client_address: BLOCKED })).to.equal(REJECT);
    expect(await half.ask({ client_address: BLOCKED })).to.equal(REJECT);
    await manager.stop();
    whole.write(text);
    half.write(text.slice(0, 30));
    const late = await PolicyClient.open(manager.daemon.socket);
    late.write(text);
    await manager.start();
    half.write(text.slice(30));
    for (const client of [whole, half, late]) {
      expect(await client.reply()).to.equal(REJECT);
      client.close();
    }
  });
});

describeReal('service: a restart with metrics, exports and notices', PYTHON, function () {
  this.timeout(60_000);
  afterEach(endManagers);

  const RULE = { rule: 'rejected-recipients' };

  /** A service with all of them, which has blocked a client. */
  async function started() {
    const daemon = new TestDaemon();
    const in_ = (name: string) => join(daemon.folder, name);
    const files = { metrics: in_('metrics.sock'), blocked: in_('blocked'), notices: in_('notices') };
    const head = `metrics: {unix: ${files.metrics}}
export: [{format: plain, file: ${files.blocked}}]
on-block: [{command: [/bin/sh, -c, 'cat >> "$1"', sh, ${files.notices}]}]
`;
    daemon.writePolicy(SMALL_RULES, daemon.head(head));
    const manager = await (await TestManager.open(daemon, { stored: 10 })).start();
    const text = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
    const notified = () =>
      text(files.notices)
        .trimEnd()
        .split('\n')
        .flatMap((line) => (JSON.parse(line) as Notice).events)
        .flatMap((event) => (event.event === 'block' ? [event.ip] : []));
    daemon.append(...times(3, () => rejectedRecipient(BLOCKED)));
    await until('the file', () => text(files.blocked) === `${BLOCKED}\n`);
    await until('the notice', () => text(files.notices) !== '');
    const client = await PolicyClient.open(daemon.socket);
    const isRefused = async () =>
      expect(await client.ask({ client_address: BLOCKED, protocol_state: 'RCPT' })).to.equal(REJECT);
    await isRefused();
    return { manager, files, text, notified, isRefused, close: () => client.close() };
  }

  async function figures(path: string) {
    const found = await scrape(path);
    const value = (name: string, labels = {}) => sampleValue(found, `postblock_${name}`, labels);
    return {
      active: value('blocks_active', { ...RULE, enforced: 'true' }),
      tracked: value('tracked_clients'),
      started: value('blocks_started_total', RULE),
      rejected: value('verdicts_total', { action: 'reject', protocol_state: 'RCPT' }),
      age: (value('snapshot_age_seconds') ?? Number.NaN) < 60,
    };
  }
  /** Prometheus takes a counter that falls for one of a new process. */
  const AFRESH = { active: 1, tracked: 1, started: 0, rejected: 0, age: true };

  it('has true gauges at once, counters from zero, the file throughout, and notifies of nothing twice', async () => {
    const { manager, files, text, notified, isRefused, close } = await started();
    const has = async (expected: object) => {
      const wanted = JSON.stringify({ ...AFRESH, ...expected });
      // The text is made once a second.
      await until(
        wanted,
        async () => JSON.stringify(await figures(files.metrics)) === wanted,
        undefined,
        200,
      );
    };
    await has({ started: 1, rejected: 1 });
    const seen = new Set<string>();
    const watch = setInterval(() => seen.add(text(files.blocked)), 5);
    await manager.restart();
    expect(await figures(files.metrics)).to.deep.equal(AFRESH);
    await isRefused();
    await has({ rejected: 1 });
    manager.daemon.append(...times(3, () => rejectedRecipient(OTHER)));
    await until('the other client', () => notified().length === 2);
    await until('it in the file', () => text(files.blocked).includes(OTHER));
    clearInterval(watch);
    for (const content of seen) expect(content.split('\n')).to.include(BLOCKED);
    expect(notified()).to.deep.equal([BLOCKED, OTHER]);
    await manager.stop();
    close();
    expect(existsSync(files.metrics)).to.equal(false);
    expect(text(files.blocked).split('\n')).to.have.members([BLOCKED, OTHER, '']);
    expect(manager.ended).to.deep.equal([0, 0]);
  });

  it('serves metrics again where the process was killed and left its socket, and after a reload without them', async () => {
    const { manager, files, text, notified, close } = await started();
    manager.signal('SIGKILL');
    await until('its end', () => manager.ended.length === 1);
    expect(existsSync(files.metrics)).to.equal(true);
    await manager.start();
    expect(await figures(files.metrics)).to.deep.equal(AFRESH);
    expect(text(files.blocked)).to.equal(`${BLOCKED}\n`);
    const reload = async (head: string) => {
      manager.daemon.writePolicy(SMALL_RULES, manager.daemon.head(head));
      const { length } = manager.notified;
      manager.signal('SIGHUP');
      await manager.hears(length + 1, 'READY=1');
    };
    await reload('');
    expect(existsSync(files.metrics)).to.equal(false);
    await reload(`metrics: {unix: ${files.metrics}}\n`);
    await manager.restart();
    expect(await figures(files.metrics)).to.deep.equal(AFRESH);
    close();
    expect(notified()).to.deep.equal([BLOCKED]);
    expect(manager.output).not.to.match(/ metrics-down | fault |socket-not/);
  });
});
