// Thousands of policy connections, slow, silent and greedy ones: each request is answered, and memory is bounded.

import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { endDaemons, PolicyClient, requestText, TestDaemon } from '../harness/daemon.ts';
import { describeReal, mayOpen } from '../harness/real.ts';
import { until } from '../harness/until.ts';
import { rejectedRecipient, times } from '../service/mail.ts';

const BLOCKED = '192.0.2.1';
const DUNNO = 'action=DUNNO';
const REJECT = /^action=REJECT Your IP is sending excessive rejected recipients/;
/** More than Postfix's default process limit by fifty. */
const MANY = 5000;
/** Connections opened at the same time: fewer than a listener's backlog. */
const WAVE = 250;

const request = (address: string) => requestText({ protocol_state: 'RCPT', client_address: address });

class Crowd {
  readonly sockets: Socket[] = [];
  readonly replies: string[] = [];
  closed = 0;

  /** Opens `count` connections that send `text` and stay open. */
  async open(path: string, count: number, text: string): Promise<this> {
    for (let left = count; left > 0; left -= WAVE) {
      await Promise.all(Array.from({ length: Math.min(left, WAVE) }, () => this.#one(path, text)));
    }
    return this;
  }

  say(text: string): void {
    for (const socket of this.sockets) socket.write(text);
  }

  end(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async #one(path: string, text: string): Promise<void> {
    const socket = await connected(path);
    const place = this.sockets.push(socket) - 1;
    this.replies[place] = '';
    socket.on('data', (chunk) => {
      this.replies[place] += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed++;
    });
    if (text !== '') await new Promise((sent) => socket.write(text, sent));
  }
}

/** A full backlog makes smtpd(8) wait; a program that does not block gets EAGAIN. */
async function connected(path: string): Promise<Socket> {
  return await until('a place in the backlog', async () => {
    const socket = connect(path);
    return await new Promise<Socket | undefined>((resolve, reject) =>
      socket
        .once('connect', () => resolve(socket))
        .once('error', (error: NodeJS.ErrnoException) =>
          error.code === 'EAGAIN' ? resolve(undefined) : reject(error),
        ),
    );
  });
}

async function guarded(through: readonly string[] = []): Promise<TestDaemon> {
  const daemon = await new TestDaemon({ through }).start();
  daemon.append(...times(3, () => rejectedRecipient(BLOCKED)));
  await daemon.said(/ block ip=192\.0\.2\.1 /);
  return daemon;
}

async function expectVerdicts(daemon: TestDaemon, when: string): Promise<void> {
  expect(await daemon.verdict('198.51.100.1'), when).to.equal(DUNNO);
  expect(await daemon.verdict(BLOCKED), when).to.match(REJECT);
}

/** The number of log lines about connections that were closed because there are too many. */
function episodes(daemon: TestDaemon): number {
  return daemon.output.split('\n').filter((line) => / policy-connections-reached /.test(line)).length;
}

describeReal('faults: policy connections', mayOpen(2 * MANY), () => {
  const crowds: Crowd[] = [];
  const crowd = async (daemon: TestDaemon, count: number, text: string) => {
    const found = new Crowd();
    crowds.push(found);
    return await found.open(daemon.socket, count, text);
  };

  afterEach(async () => {
    for (const found of crowds.splice(0)) found.end();
    await endDaemons();
  });

  it(`answers each of ${MANY} connections, silent and half-open ones among them, and lets none go`, async () => {
    const daemon = await guarded();
    const whole = request(BLOCKED);
    const half = whole.length / 2;
    const silent = await crowd(daemon, MANY / 5, '');
    const slow = await crowd(daemon, MANY / 5, whole.slice(0, half));
    const usual = await crowd(daemon, (3 * MANY) / 5, request('198.51.100.1'));
    await until('the usual ones to be answered', () =>
      usual.replies.every((text) => text === `${DUNNO}\n\n`),
    );
    await expectVerdicts(daemon, 'beside them');
    slow.say(whole.slice(half));
    await until('the slow ones to be answered', () => slow.replies.every((text) => REJECT.test(text)));
    silent.say(whole);
    await until('the silent ones to be answered', () => silent.replies.every((text) => REJECT.test(text)));
    expect(silent.closed + slow.closed + usual.closed, 'connections let go').to.equal(0);
    expect(episodes(daemon)).to.equal(0);
  });

  it('answers a request of which every byte comes alone, in turn with hundreds of others', async () => {
    const daemon = await guarded();
    const slow = await crowd(daemon, 200, '');
    for (const byte of request(BLOCKED)) {
      slow.say(byte);
      await expectVerdicts(daemon, 'between two bytes');
    }
    await until('the answers', () => slow.replies.every((text) => REJECT.test(text)));
  });

  it('closes the idlest connections when there are more than the system allows, logs it once, and recovers', async () => {
    const daemon = await guarded(['prlimit', '--nofile=628:628']);
    const postfix = await PolicyClient.open(daemon.socket);
    const closed = () => crowds.reduce((sum, found) => sum + found.closed, 0);
    for (let wave = 0; wave < 15; wave++) {
      const reply = await postfix.ask({ client_address: BLOCKED }).catch((error: Error) => error.message);
      expect(reply, `before wave ${wave}\n${daemon.output.slice(-1000)}`).to.match(REJECT);
      await crowd(daemon, 100, wave % 2 === 0 ? '' : request(BLOCKED).slice(0, 40));
      // Node accepts one connection in each turn: without this the daemon might accept five waves between two requests.
      await until('the wave to be taken up', () => closed() >= 100 * wave + 101 - 500);
    }
    await expectVerdicts(daemon, 'in the crowd');
    await until('room for 500', () => closed() >= 1000);
    expect(await postfix.ask({ client_address: BLOCKED }), 'the one that goes on asking').to.match(REJECT);
    await daemon.said(/ policy-connections-reached max=500\n/);
    await daemon.snapshot();
    for (const found of crowds) found.end();
    await expectVerdicts(daemon, 'afterwards');
    expect(episodes(daemon)).to.equal(1);
    expect(daemon.output).not.to.match(/ (?:fault|listener-failed|snapshot-failed) /);
  });

  it('keeps at most 16 MiB of unfinished requests: the connection with the most bytes is closed', async () => {
    const daemon = await guarded();
    const greedy = await crowd(daemon, 600, `request=smtpd_access_policy\nsender=${'x'.repeat(60_000)}`);
    await until('the greedy ones to be let go', () => greedy.closed >= 320);
    expect(greedy.closed).to.be.below(400);
    await expectVerdicts(daemon, 'beside them');
    await daemon.said(/ policy-connections-reached /);
  });

  it('keeps at most 16 MiB of replies that clients do not read', async () => {
    const daemon = await guarded();
    const deaf = new Crowd();
    crowds.push(deaf);
    await deaf.open(daemon.socket, 400, '');
    for (const socket of deaf.sockets) socket.pause();
    const flood = request(BLOCKED).repeat(5000);
    deaf.say(flood);
    await daemon.said(/ policy-connections-reached /);
    await expectVerdicts(daemon, 'beside them');
  });
});
