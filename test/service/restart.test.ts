// Restarts under load where systemd holds the socket: no request is lost, and no reply is wrong.

import { expect } from 'chai';
import { PolicyClient } from '../harness/daemon.ts';
import { type LoadFigures, PolicyLoad } from '../harness/policy-load.ts';
import { describeReal } from '../harness/real.ts';
import { figure, scaled } from '../harness/scale.ts';
import { endManagers, PYTHON, TestManager } from '../harness/service-manager.ts';
import { until } from '../harness/until.ts';
import { rejectedRecipient, times } from './mail.ts';

const BLOCKED = '192.0.2.1';
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
