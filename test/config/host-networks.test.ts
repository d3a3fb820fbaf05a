// What the host knows: its own addresses, and mynetworks, of a postconf that answers, is missing, slow or fails.

import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AllowList } from '../../src/blocks/allow.ts';
import { mynetworks, ownAddresses } from '../../src/config/host-networks.ts';
import { loadConfig, loadStateDirectory } from '../../src/config/load.ts';
import { parseNetwork } from '../../src/values/network.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { RULES } from './text.ts';

const END = '; expected addresses and networks; list them under allow: in place of mynetworks';

describe('config/host-networks', () => {
  const folder = temporaryFolder();
  const { PATH } = process.env;

  afterEach(() => {
    process.env.PATH = PATH;
  });

  /** Puts a postconf with this shell script in front of the real one. */
  function postconf(script: string): void {
    writeFileSync(join(folder, 'postconf'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'postconf'), 0o755);
    process.env.PATH = `${folder}:${PATH}`;
  }

  function answering(list: string, parents = 'mynetworks'): void {
    postconf(`cat <<'END'\n${list}\n${parents}\nEND`);
  }

  function file(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }

  it('has an address of each interface of the host', () => {
    const { networks = [] } = ownAddresses();
    expect(networks).to.include('127.0.0.1');
    for (const network of networks) expect(parseNetwork(network), network).to.be.an('object');
    const list = new AllowList(networks);
    for (const { address } of Object.values(networkInterfaces()).flatMap((all = []) => all))
      expect(list.covers(address, undefined), address).to.equal(true);
  });

  it('has mynetworks as postconf gives them, without their variables and in one request', async () => {
    postconf('[ "$*" = "-xh mynetworks parent_domain_matches_subdomains" ] && echo "127.0.0.0/8 [::1]/128"');
    expect(await mynetworks()).to.deep.equal({ networks: ['127.0.0.0/8', '::1/128'] });
  });

  it('has the names below a name only where Postfix has them', async () => {
    answering('example.com', 'debug_peer_list,mynetworks,relay_domains');
    expect((await mynetworks()).networks).to.deep.equal(['example.com', '.example.com']);
    answering('example.com', 'debug_peer_list,relay_domains');
    expect((await mynetworks()).networks).to.deep.equal(['example.com']);
  });

  it('has what the files hold that mynetworks names, in their place in the list', async () => {
    const inner = file('inner', '192.0.2.7\n');
    const outer = file('outer', `# ours\n198.51.100.0/25\n  198.51.100.128/25, !${inner}\n`);
    answering(`${outer} 192.0.2.6/31`);
    expect((await mynetworks()).networks).to.deep.equal([
      '198.51.100.0/25',
      '198.51.100.128/25',
      '192.0.2.6/32',
    ]);
    answering(`!${outer} 198.51.100.0/24 192.0.2.7`);
    expect((await mynetworks()).networks).to.deep.equal(['192.0.2.7']);
  });

  describe('says what keeps mynetworks from being known', () => {
    it('if there is no postconf', async () => {
      expect((await mynetworks({ command: 'postconf-of-nobody' })).wrong).to.equal(
        `mynetworks of Postfix is not known: there is no postconf command here${END}`,
      );
    });

    for (const [what, script, wrong] of [
      [
        'fails',
        'echo "postconf: fatal: open main.cf: no" >&2; exit 1',
        'postconf fails: postconf: fatal: open main.cf: no',
      ],
      ['fails without a word', 'exit 1', 'postconf fails: Command failed: '],
      ['does not answer', 'exec sleep 60', 'postconf does not answer in time'],
      ['answers without end', 'exec yes', 'postconf fails: stdout maxBuffer length exceeded'],
    ] as const) {
      it(`if postconf ${what}`, async () => {
        postconf(script);
        const answer = await mynetworks(script.includes('sleep') ? { timeout: 100 } : {});
        expect(answer.wrong).to.contain(`mynetworks of Postfix is not known: ${wrong}`);
        expect(answer.wrong?.endsWith(END)).to.equal(true);
      });
    }

    for (const [list, wrong] of [
      ['hash:/etc/postfix/network', 'holds the lookup table "hash:/etc/postfix/network"'],
      ['/nowhere/networks', 'names the file /nowhere/networks, which cannot be read: ENOENT'],
      ['/dev/zero', 'names the file /dev/zero, which cannot be read: is a device'],
    ] as const) {
      it(`if it is ${list}`, async () => {
        answering(list);
        expect((await mynetworks()).wrong).to.contain(`mynetworks of Postfix ${wrong}`);
      });
    }

    it('if a file names itself', async () => {
      answering(file('self', `192.0.2.1 ${join(folder, 'self')}\n`));
      expect((await mynetworks()).wrong).to.contain('names more than 16 files');
    });
  });

  describe('is asked when policy.yml is loaded', () => {
    const policy = join(folder, 'policy.yml');

    it('for own and mynetworks', async () => {
      answering('192.0.2.0/24');
      writeFileSync(policy, `allow: [loopback, own, mynetworks, 198.51.100.1]\n${RULES}`);
      const { allow } = await loadConfig(policy);
      expect(allow).to.deep.equal([
        { keyword: 'loopback', networks: ['127.0.0.0/8', '::1'] },
        { keyword: 'own', networks: ownAddresses().networks },
        { keyword: 'mynetworks', networks: ['192.0.2.0/24'] },
        '198.51.100.1',
      ]);
    });

    it('and gives a mistake at the place of the keyword', async () => {
      answering('hash:x');
      writeFileSync(policy, `allow: [loopback, mynetworks]\n${RULES}`);
      const error = await loadConfig(policy).catch((thrown: unknown) => thrown);
      expect(error).to.have.property('status', 78);
      expect(error).to.have.deep.property('lines', [
        `${policy}:1:19: allow[1]: mynetworks of Postfix holds the lookup table "hash:x"${END}`,
      ]);
    });

    it('but not by a command that only looks for the state directory, nor where no keyword needs it', async () => {
      postconf(`touch ${join(folder, 'asked')}; exit 1`);
      writeFileSync(policy, `allow: [mynetworks]\n${RULES}`);
      expect(await loadStateDirectory(policy)).to.equal(join(folder, 'state'));
      writeFileSync(policy, `allow: [loopback, private, own]\n# mynetworks\n${RULES}`);
      await loadConfig(policy);
      expect(existsSync(join(folder, 'asked'))).to.equal(false);
    });
  });
});
