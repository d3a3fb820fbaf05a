// Notices of the whole daemon: blocks and troubles reach a receiver and a command, and nothing waits for them.

import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import type { Notice } from '../../src/notices/notice.ts';
import { CLI, endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { ROOT } from '../harness/readme.ts';
import { until } from '../harness/until.ts';
import { rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
const HEADLINE = /^[\w.-]+: 192\.0\.2\.1 is blocked by rejected-recipients until /;

/** A receiver on loopback that keeps the notices, and answers as the test says. */
class Receiver {
  readonly notices: Notice[] = [];
  answer: (response: ServerResponse) => void = (response) => response.end();
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      this.notices.push(JSON.parse(await text(request)) as Notice);
      this.answer(response);
    });
  }

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get ips(): readonly string[] {
    return this.notices.flatMap(({ events }) =>
      events.flatMap((event) => (event.event === 'block' ? event.ip : [])),
    );
  }
}

describe('service: notices', () => {
  const receiver = new Receiver();
  let url = '';
  const daemon = (options: string, rules = SMALL_RULES) => {
    const made = new TestDaemon({ rules });
    made.writePolicy(rules, made.head(`on-block: ${options}\n`));
    // A log that is not there is a trouble.
    made.append();
    return made;
  };

  before(async () => {
    url = await receiver.open();
  });
  beforeEach(() => {
    receiver.notices.length = 0;
    receiver.answer = (response) => response.end();
  });
  after(() => receiver.close());
  afterEach(endDaemons);

  it('reach a webhook, in the form of the schema', async () => {
    const postblock = await daemon(`[{webhook: "${url}", events: [block, end]}]`).start();
    postblock.append(...times(3, () => rejectedRecipient(IP)));
    await until('the notice', () => receiver.notices.length === 1);
    const [notice] = receiver.notices;
    expect(notice).to.deep.include({ total: 1, leftOut: 0, counts: { block: 1 } });
    expect(notice?.text).to.match(HEADLINE);
    expect(notice?.events[0]).to.deep.include({
      event: 'block',
      ip: IP,
      rule: 'rejected-recipients',
      count: 3,
    });
    const ajv = new Ajv2020({ strictTypes: false });
    formats.default(ajv);
    const schema = JSON.parse(
      readFileSync(join(ROOT, 'contrib/schema/notice.schema.json'), 'utf8'),
    ) as object;
    expect(ajv.validate(schema, notice), ajv.errorsText()).to.equal(true);
  });

  it('reach a command, with its arguments and without a shell', async () => {
    const postblock = daemon('[]');
    const out = join(postblock.folder, 'out');
    writeFileSync(out, '');
    const script = 'printf "%s %s %s\\\\n" "$2" "$3" "$4" >> "$1"';
    const command = `[/bin/sh, -c, '${script.replaceAll('\\\\n', '\\n')}', sh, ${out}, "{event}", "{ip}", "{rule}"]`;
    postblock.writePolicy(SMALL_RULES, postblock.head(`on-block: [{command: ${command}}]\n`));
    await postblock.start();
    postblock.append(...times(3, () => rejectedRecipient(IP)));
    await until('the command', () => readFileSync(out, 'utf8') !== '');
    expect(readFileSync(out, 'utf8')).to.equal(`block ${IP} rejected-recipients\n`);
  });

  it('of a thousand blocks in a second are a few, and count all', async () => {
    const postblock = await daemon(`[{webhook: "${url}"}]`).start();
    const ips = Array.from({ length: 1000 }, (_, i) => `198.18.${i >> 8}.${i & 255}`);
    postblock.append(...ips.flatMap((ip) => times(3, () => rejectedRecipient(ip))));
    const totals = () => receiver.notices.reduce((sum, { counts }) => sum + (counts.block ?? 0), 0);
    await until('all to be counted', () => totals() === 1000);
    expect(receiver.notices.length).to.be.at.most(3);
    expect(new Set(receiver.ips).size).to.equal(receiver.ips.length);
  });

  it('hold up no verdict and no end where nobody takes them', async () => {
    receiver.answer = () => {};
    const postblock = await daemon(
      `[{webhook: "${url}", timeout: 1m}, {command: [/bin/sleep, "1000"]}]`,
    ).start();
    postblock.append(...times(3, () => rejectedRecipient(IP)));
    await until('the notice', () => receiver.notices.length === 1);
    expect(await postblock.verdict(IP)).to.match(/^action=REJECT /);
    postblock.append(...times(3, () => rejectedRecipient('192.0.2.2')));
    await until('the second block', async () => (await postblock.verdict('192.0.2.2')) !== 'action=DUNNO');
    expect(await postblock.stop()).to.equal(0);
    const unsent = [
      ...postblock.output.matchAll(/ notices-unsent target="(on-block\[\d\])[^"]*" events=(\d)/g),
    ];
    expect(unsent.map(([, target, events]) => [target, events])).to.deep.equal([
      ['on-block[0]', '2'],
      ['on-block[1]', '2'],
    ]);
  });

  it('that wait are sent when the daemon stops', async () => {
    const postblock = await daemon(`[{webhook: "${url}"}]`).start();
    postblock.append(...times(3, () => rejectedRecipient(IP)));
    await until('the block', async () => (await postblock.verdict(IP)) !== 'action=DUNNO');
    expect(await postblock.stop()).to.equal(0);
    expect(receiver.ips).to.deep.equal([IP]);
  });

  it('that are refused are logged once, without the path of the webhook', async () => {
    receiver.answer = (response) => response.writeHead(404).end();
    const postblock = await daemon(`[{webhook: "${url}/a-secret-path"}]`).start();
    postblock.append(...times(3, () => rejectedRecipient(IP)));
    await postblock.said(/ notice-failed target="on-block\[0\] \(webhook http:.*404/);
    await postblock.stop();
    expect(postblock.output).not.to.include('a-secret-path');
  });

  it('go to the targets of the policy that was reloaded', async () => {
    const postblock = await daemon('[]').start();
    postblock.writePolicy(SMALL_RULES, postblock.head(`on-block: [{webhook: "${url}", events: [block]}]\n`));
    expect(await postblock.reload()).to.equal('taken');
    postblock.append(...times(3, () => rejectedRecipient(IP)));
    await until('the notice', () => receiver.ips.length === 1);
    postblock.writePolicy(SMALL_RULES, postblock.head());
    expect(await postblock.reload()).to.equal('taken');
    postblock.append(...times(3, () => rejectedRecipient('192.0.2.2')));
    await until('the second block', async () => (await postblock.verdict('192.0.2.2')) !== 'action=DUNNO');
    await postblock.stop();
    expect(receiver.ips).to.deep.equal([IP]);
  });

  it('report a trouble that begins and is over', async () => {
    const postblock = await daemon(`[{webhook: "${url}", events: [trouble]}]`).start();
    const good = readFileSync(postblock.policy, 'utf8');
    writeFileSync(postblock.policy, 'nonsense');
    expect(await postblock.reload()).to.equal('refused');
    await until('the trouble', () => receiver.notices.length === 1);
    expect(receiver.notices[0]?.events[0]).to.deep.include({ what: 'reload-refused', state: 'began' });
    writeFileSync(postblock.policy, good);
    expect(await postblock.reload()).to.equal('taken');
    await until('its end', () => receiver.notices.length === 2);
    expect(receiver.notices[1]?.events[0]).to.deep.include({ what: 'reload-refused', state: 'over' });
  });
});

describe('service: abuse reports', () => {
  afterEach(endDaemons);

  it('are printed of a block, if policy.yml says who signs them', async () => {
    const postblock = new TestDaemon();
    postblock.append();
    await postblock.start();
    postblock.append(...times(3, () => rejectedRecipient(IP)));
    await until('the block', async () => (await postblock.verdict(IP)) !== 'action=DUNNO');
    const show = (...args: readonly string[]) =>
      spawnSync(process.execPath, [CLI, 'show', ...args, '--format', 'xarf', '--policy', postblock.policy], {
        encoding: 'utf8',
      });
    const unsigned = show(IP);
    expect([unsigned.status, unsigned.stdout]).to.deep.equal([78, '']);
    const reporter = 'reporter: {org: Example Mail, contact: abuse@example.com}\n';
    postblock.writePolicy(SMALL_RULES, postblock.head(reporter));
    expect(JSON.parse(show(IP).stdout)).to.deep.include({
      source_identifier: IP,
      type: 'blocklist',
      reporter: { org: 'Example Mail', contact: 'abuse@example.com', domain: 'example.com' },
    });
    expect(show('192.0.2.9').status).to.equal(1);
    const network = show('192.0.2.0/24');
    expect([network.status, network.stdout]).to.deep.equal([64, '']);
    expect(network.stderr).to.contain('a report is about one client');
    const block = {
      ip: '192.0.2.9',
      rule: 'rejected-recipients',
      duration: 60_000,
      by: 'anna',
      reason: 'seen',
    };
    await ask(postblock.state, { command: 'block', ...block });
    expect(show('192.0.2.9').stderr).to.contain('there is no evidence to report: the block was made by hand');
  });
});

/** Runs an example of contrib/notify; resolves with its exit status and what it wrote to standard error. */
function example(name: string, args: readonly string[], input: string): Promise<readonly [number, string]> {
  const path = fileURLToPath(new URL(`../../../contrib/notify/${name}`, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path, ...args], (error, _, errors) =>
      resolve([typeof error?.code === 'number' ? error.code : 0, errors.trim()]),
    );
    child.stdin?.end(input);
  });
}

describe('service: the examples for notices', () => {
  const NOTICE = JSON.stringify({
    version: 1,
    id: '0b0e3b4e-6f0e-4c0e-9a53-8d8a4e0c2f11',
    host: 'mx1',
    written: '2026-11-24T19:09:11.000Z',
    text: 'mx1: 2 clients blocked\n- 192.0.2.7 is blocked\n.- 192.0.2.8 is blocked',
    total: 2,
    leftOut: 0,
    counts: { block: 2 },
    events: [{ event: 'block', ip: '192.0.2.7' }],
  });

  it('mail a notice by SMTP', async () => {
    let said = '';
    const server = createTcpServer((socket) => {
      socket.write('220-mail.example.com\r\n220 ready\r\n');
      socket.on('data', (chunk) => {
        said += chunk;
        const isData = said.includes('DATA\r\n') && !said.endsWith('DATA\r\n');
        if (isData && !said.endsWith('\r\n.\r\n')) return;
        socket.write(said.endsWith('DATA\r\n') ? '354 go on\r\n' : '250-x\r\n250 ok\r\n');
      });
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await example('mail.mjs', ['postmaster@example.com', 'pb@example.com', at], NOTICE)).to.deep.equal(
      [0, ''],
    );
    server.close();
    const commands = said.split('\r\n').filter((line) => /^(?:MAIL|RCPT|Subject|Date|\.\.)/.test(line));
    expect(commands).to.deep.equal([
      'MAIL FROM:<pb@example.com>',
      'RCPT TO:<postmaster@example.com>',
      'Subject: postblock: mx1: 2 clients blocked',
      'Date: Tue, 24 Nov 2026 19:09:11 +0000',
      '..- 192.0.2.8 is blocked',
    ]);
  });

  it('ask for another attempt where no mail server answers', async () => {
    const [status, reason] = await example(
      'mail.mjs',
      ['a@example.com', 'a@example.com', '127.0.0.1:1'],
      NOTICE,
    );
    expect([status, reason]).to.deep.equal([75, 'connect ECONNREFUSED 127.0.0.1:1']);
    expect((await example('mail.mjs', ['-oQ/tmp'], NOTICE))[0]).to.equal(64);
  });

  it('open a ticket, or say how that fails', async () => {
    const bodies: unknown[] = [];
    const tokens: unknown[] = [];
    const statuses = [201, 503, 403];
    const server = createServer(async (request, response) => {
      tokens.push(request.headers.authorization);
      bodies.push(JSON.parse(await text(request)));
      response.writeHead(statuses[bodies.length - 1] ?? 500).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const token = join(new TestDaemon().folder, 'token');
    writeFileSync(token, 'abc\n');
    const args = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, token];
    const ends = [];
    for (const _ of statuses) ends.push((await example('ticket.mjs', args, NOTICE))[0]);
    server.close();
    expect(ends).to.deep.equal([0, 75, 69]);
    expect(tokens[0]).to.equal('Token token=abc');
    expect(bodies[0]).to.deep.include({ title: 'postblock: mx1: 2 clients blocked' });
  });
});
