// What keeps a Postfix from postblock on its host: the log that it writes elsewhere, and a socket that is closed to it.

import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { postfixHostProblems } from '../../src/check/postfix-host-problems.ts';
import type { MaillogSpec } from '../../src/maillog/sources/sources.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { describeReal, ROOT } from '../harness/real.ts';
import { REQUEST, wired } from './wired.ts';

const LOG = '/var/log/postfix.log';
const TCP = [{ type: 'inet', host: '127.0.0.1', port: 10040 }] as const;

describe('check/postfix-host-problems', () => {
  const cases: readonly [string, MaillogSpec, boolean][] = [
    ['', { type: 'auto' }, true],
    [LOG, { type: 'files', files: ['/var/log/mail.log', LOG] }, true],
    ['/dev/stdout', { type: 'journal' }, true],
    [LOG, { type: 'auto' }, false],
    [LOG, { type: 'journal' }, false],
    [LOG, { type: 'files', files: ['/var/log/mail.log'] }, false],
  ];
  for (const [file, maillog, isWell] of cases) {
    it(`maillog_file "${file}" is ${isWell ? 'well' : 'a warning'} with ${JSON.stringify(maillog)}`, async () => {
      const found = await postfixHostProblems([wired({ maillog_file: file })], { listen: TCP, maillog });
      expect(found.map(({ weight, about }) => `${weight} ${about}`)).to.deep.equal(
        isWell ? [] : ['warning maillog'],
      );
    });
  }
});

describeReal('check/postfix-host-problems: the rights of the user postfix', ROOT, () => {
  /** Its primary group has the same number. */
  const NOBODY = 65_534;
  let folder: string;
  let server: Server;

  beforeEach(async () => {
    folder = temporaryFolder();
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'postblock'));
    server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'postblock/policy'), resolve));
  });

  afterEach(() => {
    server.close();
  });

  async function found(directory: number, socket: number, group = NOBODY): Promise<readonly string[]> {
    const path = join(folder, 'postblock/policy');
    chownSync(join(folder, 'postblock'), 0, group);
    chownSync(path, 0, group);
    chmodSync(join(folder, 'postblock'), directory);
    chmodSync(path, socket);
    const main = {
      queue_directory: folder,
      mail_owner: 'nobody',
      smtpd_client_restrictions: REQUEST.replace('inet:127.0.0.1:10040', 'unix:postblock/policy'),
    };
    const listen = [{ type: 'unix', path, mode: socket }] as const;
    const problems = await postfixHostProblems([wired(main)], { listen, maillog: { type: 'auto' } });
    return problems.map(
      ({ weight, about, problem }) => `${weight}: ${about}: ${problem.replace(folder, '')}`,
    );
  }

  const CLOSED = [
    'error: smtp/inet: the user nobody cannot reach /postblock/policy; Postfix gives it its own group only',
  ];

  it('are enough for a directory and a socket of its group', async () => {
    expect(await found(0o2750, 0o660)).to.deep.equal([]);
  });

  it('are not enough for a directory or a socket of another group, or with another mode', async () => {
    expect(await found(0o2750, 0o660, 0)).to.deep.equal(CLOSED);
    expect(await found(0o2700, 0o660)).to.deep.equal(CLOSED);
    expect(await found(0o2750, 0o640)).to.deep.equal(CLOSED);
  });
});
