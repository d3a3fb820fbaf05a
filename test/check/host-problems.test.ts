// What check finds on a host: the policy is that of a test, the files, groups and sockets are real.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { hostProblems } from '../../src/check/host-problems.ts';
import { parseConfig } from '../../src/config/config.ts';
import { RULES } from '../config/text.ts';
import { temporaryFolder } from '../harness/folder.ts';

const NO_GROUP = 'no-such-group';
const SHARE = { url: 'rediss://127.0.0.1:6379' };
const COMMAND = { command: [process.execPath] };
const WEBHOOK = { webhook: 'https://hooks.example.org/x' };

describe('check/host-problems', () => {
  let folder: string;
  const servers: Server[] = [];

  beforeEach(() => {
    folder = temporaryFolder();
    for (const name of ['mail.log', 'other']) writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'open.secret'), 'x'.repeat(30), { mode: 0o644 });
    writeFileSync(join(folder, 'closed.secret'), 'x'.repeat(30), { mode: 0o640 });
    writeFileSync(join(folder, 'short.secret'), 'short', { mode: 0o600 });
  });

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Of a policy whose options are well unless they are given. */
  async function found(
    options: Readonly<Record<string, unknown>>,
    isRunning = false,
    isOther = false,
  ): Promise<string[]> {
    const all = { listen: [{ unix: 'policy.sock' }], maillog: './mail.log', ...options };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
    const policy = join(folder, 'policy.yml');
    const { config, mistakes } = parseConfig(head.join('') + RULES, policy);
    if (config === undefined) throw new Error(JSON.stringify(mistakes));
    writeFileSync(policy, RULES);
    const problems = await hostProblems(config, { policy, isOther, isRunning: async () => isRunning });
    return problems.map(({ weight, about, problem, status = 0 }) =>
      `${weight} ${status}: ${about.join(', ')}: ${problem}`.replaceAll(folder, 'FOLDER'),
    );
  }

  function listening(where: object): Promise<Server> {
    return new Promise((resolve) => {
      const server = createServer((socket) => socket.on('error', () => undefined));
      servers.push(server);
      server.listen(where, () => resolve(server));
    });
  }

  it('is nothing where serve runs and sees its log', async () => {
    expect(await found({})).to.deep.equal([]);
    expect(await found({ state: 'a/b/c', log: { file: 'postblock.log' } })).to.deep.equal([]);
    expect(await found({ listen: [{ inet: '127.0.0.1:10999' }, { inet: '[::1]:10999' }] })).to.deep.equal([]);
  });

  const cases: readonly [string, Readonly<Record<string, unknown>>, string][] = [
    [
      'a group of a socket that does not exist',
      { listen: [{ unix: 'p.sock', group: NO_GROUP }] },
      'error 78: listen: there is no group no-such-group',
    ],
    [
      'a control-group that does not exist',
      { 'control-group': NO_GROUP },
      'error 78: control-group: there is no group no-such-group',
    ],
    [
      'a directory of a socket that does not exist',
      { listen: [{ unix: 'none/p.sock' }] },
      'error 77: listen: there is no directory FOLDER/none',
    ],
    [
      'a file in the place of a socket',
      { listen: [{ unix: 'other' }] },
      'error 69: listen: FOLDER/other is not a socket',
    ],
    [
      'an address of another host',
      { listen: [{ inet: '192.0.2.254:10999' }] },
      'warning 0: listen: inet:192.0.2.254:10999 is open to other hosts: the protocol has no password',
    ],
    [
      'a listener on all addresses',
      { listen: [{ inet: '0.0.0.0:10999' }] },
      'warning 0: listen: inet:0.0.0.0:10999 is open to other hosts: the protocol has no password',
    ],
    [
      'a file in the place of the state directory',
      { state: 'mail.log' },
      'error 74: state: the state directory FOLDER/mail.log cannot be written: FOLDER/mail.log is not a directory',
    ],
    [
      'a state directory below a file',
      { state: 'mail.log/x' },
      'error 74: state: the state directory FOLDER/mail.log/x cannot be written: FOLDER/mail.log is not a directory',
    ],
    [
      'a log file in a directory that does not exist',
      { log: { file: 'none/x.log' } },
      'error 74: log: the log file cannot be opened: there is no directory FOLDER/none',
    ],
    [
      'a directory in the place of the log file',
      { log: { file: '.' } },
      'error 74: log: the log file cannot be opened: FOLDER is a directory',
    ],
    [
      'a control socket with a path that is too long',
      { state: 'x'.repeat(100) },
      `error 69: state: the control socket FOLDER/${'x'.repeat(100)}/control.sock has more than 107 bytes, the most of a unix socket`,
    ],
    [
      'a password that all users can read',
      { 'share-state': { ...SHARE, 'password-file': 'open.secret' } },
      'error 78: share-state.password-file: FOLDER/open.secret cannot be used: all users can read or write it; expected mode 0640 or 0600',
    ],
    [
      'a password for sentinels that all users can read',
      { 'share-state': { ...SHARE, sentinel: 'mx', 'sentinel-password-file': 'open.secret' } },
      'error 78: share-state.sentinel-password-file: FOLDER/open.secret cannot be used: all users can read or write it; expected mode 0640 or 0600',
    ],
    [
      'a device in the place of an export',
      { export: [{ format: 'nft', file: '/dev/null' }] },
      'warning 0: export[0].file: /dev/null cannot be written: /dev/null is not a regular file',
    ],
    [
      'a directory in the place of certificates',
      { 'share-state': { ...SHARE, 'ca-file': '.' } },
      'error 78: share-state.ca-file: FOLDER cannot be used: is a directory; expected a regular file',
    ],
    [
      'a key of a webhook that all users can read',
      { 'on-block': [COMMAND, { ...WEBHOOK, 'secret-file': 'open.secret' }] },
      'warning 0: on-block[1].secret-file: FOLDER/open.secret cannot be used: all users can read or write it; expected mode 0640 or 0600',
    ],
    [
      'a key of a webhook that is too short',
      { 'on-block': [{ ...WEBHOOK, 'secret-file': 'short.secret' }] },
      'warning 0: on-block[0].secret-file: FOLDER/short.secret cannot be used: it holds a key of 5 bytes; expected 24 to 1024',
    ],
    [
      'the URL of a webhook in a policy.yml that all users can read',
      { 'on-block': [{ ...WEBHOOK, format: 'slack' }] },
      'warning 0: on-block[0].webhook: the URL is a secret, and all users can read FOLDER/policy.yml',
    ],
    [
      'a command that is a directory',
      { 'on-block': [{ command: ['/tmp'] }] },
      'warning 0: on-block[0].command: /tmp cannot be run: /tmp is not a file',
    ],
    [
      'a file of an export in a directory that does not exist',
      { export: [{ format: 'plain', file: 'none/blocked' }] },
      'warning 0: export[0].file: FOLDER/none/blocked cannot be written: there is no directory FOLDER/none',
    ],
    [
      'a directory in the place of a file of an export',
      { export: [{ format: 'plain', file: '.' }] },
      'warning 0: export[0].file: FOLDER cannot be written: FOLDER is a directory',
    ],
    [
      'metrics at a socket in a directory that does not exist',
      { metrics: { unix: 'none/m.sock' } },
      'warning 0: metrics: there is no directory FOLDER/none',
    ],
    [
      'metrics at a socket of a group that does not exist',
      { metrics: { unix: 'm.sock', group: NO_GROUP } },
      'warning 0: metrics: there is no group no-such-group',
    ],
    [
      'a mail log that is not there',
      { maillog: './none.log' },
      'warning 0: maillog: there is no file FOLDER/none.log; nothing is counted until there is',
    ],
    [
      'a glob',
      { maillog: './mail.log*' },
      'warning 0: maillog: FOLDER/mail.log* is taken for the name of one file, and there is none',
    ],
    [
      'a directory in the place of the mail log',
      { maillog: { file: '.' } },
      'warning 0: maillog: FOLDER is not a file',
    ],
  ];
  for (const [title, options, expected] of cases) {
    it(`is ${title}`, async () => {
      const all = await found(options);
      expect(all).to.include(expected);
    });
  }

  it('is nothing where all that policy.yml names can be used', async () => {
    const secret = { 'secret-file': 'closed.secret' };
    expect(
      await found({
        'share-state': { ...SHARE, 'password-file': 'closed.secret', 'ca-file': 'open.secret' },
        'on-block': [COMMAND, { ...WEBHOOK, ...secret }],
        export: [{ format: 'plain', file: 'blocked' }],
        metrics: { unix: 'm.sock' },
      }),
    ).to.deep.equal([]);
  });

  it('is a program, a socket of a server and a password that are not there', async () => {
    const all = await found({
      'share-state': { url: 'unix:///nonexistent.sock', 'password-file': '/nonexistent' },
      'on-block': [{ command: ['/nonexistent/notify'] }],
    });
    expect(all.map((text) => text.split('ENOENT')[0])).to.deep.equal([
      'error 78: share-state.password-file: /nonexistent cannot be used: ',
      'warning 0: share-state.url: the server cannot be reached: ',
      'warning 0: on-block[0].command: /nonexistent/notify cannot be run: ',
    ]);
  });

  it('is an address that this host does not have', async () => {
    const [error = ''] = await found({ listen: [{ inet: '192.0.2.254:10999' }] });
    expect(error).to.match(/^error 69: listen: .*EADDRNOTAVAIL/);
  });

  it('is an address in use, unless the daemon is what uses it', async () => {
    await listening({ path: join(folder, 'policy.sock') });
    expect(await found({})).to.deep.equal([
      'error 69: listen: unix:FOLDER/policy.sock is in use by another process',
    ]);
    expect(await found({}, true)).to.deep.equal([]);
    const { port } = (await listening({ host: '127.0.0.1', port: 0 })).address() as { port: number };
    const listen = [{ inet: `127.0.0.1:${port}` }];
    expect(await found({ listen })).to.deep.equal([
      `error 69: listen: inet:127.0.0.1:${port} is in use by another process`,
    ]);
  });

  it('is a path that no unix socket can have', async () => {
    const name = 'x'.repeat(110);
    expect((await found({ listen: [{ unix: name }] }))[0]).to.match(
      /^error 69: listen: .* has more than 107 bytes/,
    );
  });

  it('is each file of several that is not there', async () => {
    const files = ['mail.log', 'mx2.log', 'mx3.log'];
    expect(await found({ maillog: { files } })).to.have.lengthOf(2);
  });

  it('is not a log that a link leads to', async () => {
    symlinkSync(join(folder, 'mail.log'), join(folder, 'link.log'));
    expect(await found({ maillog: './link.log' })).to.deep.equal([]);
  });

  it('creates nothing', async () => {
    await found({ state: 'none', log: { file: 'new.log' } });
    mkdirSync(join(folder, 'none'));
    writeFileSync(join(folder, 'new.log'), '', { flag: 'wx' });
  });
});
