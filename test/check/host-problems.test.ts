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

describe('check/host-problems', () => {
  let folder: string;
  const servers: Server[] = [];

  beforeEach(() => {
    folder = temporaryFolder();
    writeFileSync(join(folder, 'mail.log'), '');
  });

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Of a policy whose options are well unless they are given. */
  async function found(options: Readonly<Record<string, unknown>>, isRunning = false): Promise<string[]> {
    const all = { listen: [{ unix: 'policy.sock' }], maillog: './mail.log', ...options };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
    const { config, mistakes } = parseConfig(head.join('') + RULES, join(folder, 'policy.yml'));
    if (config === undefined) throw new Error(JSON.stringify(mistakes));
    const problems = await hostProblems(config, async () => isRunning);
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
      { listen: [{ unix: 'mail.log' }] },
      'error 69: listen: FOLDER/mail.log is not a socket',
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
