// contrib/debian: the package is reproducible, complete, and what Debian's policy asks for.

import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { builtPackage, sharedPackage, unpacked, VERSION } from './harness/debian-package.ts';
import { temporaryFolder } from './harness/folder.ts';
import { README, ROOT, schemaPath, section } from './harness/readme.ts';
import { DEBHELPER, describeReal } from './harness/real.ts';

describeReal('debian-package', DEBHELPER, function () {
  this.timeout(120_000);
  let deb: string;
  let files: string;
  const text = (path: string) => readFileSync(join(files, path), 'utf8');

  before(() => {
    deb = sharedPackage();
    files = unpacked(deb);
  });

  it('is the same, byte for byte, wherever, whenever and by whomever it is built', () => {
    const environment = { TZ: 'Asia/Tokyo', LC_ALL: 'C.UTF-8', HOME: '/nonexistent', SOURCE_DATE_EPOCH: '' };
    const again = builtPackage({ environment, umask: '077' });
    expect(readFileSync(again).equals(readFileSync(deb))).to.equal(true);
  });

  it('has a name, a version and a dependency on the Node of package.json', () => {
    expect(deb).to.match(new RegExp(`/postblock_${VERSION}_all\\.deb$`));
    const field = (name: string) =>
      execFileSync('dpkg-deb', ['--field', deb, name], { encoding: 'utf8' }).trim();
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    expect(field('Architecture')).to.equal('all');
    expect(field('Depends')).to.include(`nodejs (${engines.node.replace('>=', '>= ')})`);
  });

  it('has no file in a directory that is a link since Debian 12', () => {
    expect(readdirSync(files)).to.have.members(['DEBIAN', 'etc', 'usr']);
    expect(readdirSync(join(files, 'usr'))).to.have.members(['bin', 'lib', 'share']);
    expect(statSync(join(files, 'usr/lib/systemd/system/postblock.service')).isFile()).to.equal(true);
  });

  it('is clean by lintian', () => {
    const { stdout } = spawnSync('lintian', ['--allow-root', '--display-info', '--pedantic', deb], {
      encoding: 'utf8',
    });
    expect(stdout).to.equal('');
  });

  it('runs each command from its bundle, which has no source map', () => {
    const program = join(files, 'usr/share/postblock/dist/src/cli.js');
    expect(text('usr/share/postblock/dist/src/cli.js').split('\n')[0]).to.equal('#!/usr/bin/node');
    expect(statSync(program).mode & 0o777).to.equal(0o755);
    const names = readdirSync(join(files, 'usr/share/postblock'), { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.map'))).to.deep.equal([]);
    const run = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    const source = (...args: string[]) =>
      spawnSync(process.execPath, [join(ROOT, 'dist/src/cli.js'), ...args], { encoding: 'utf8' });
    const policy = join(ROOT, 'policy.yml');
    const log = join(temporaryFolder(), 'mail.log');
    writeFileSync(log, 'Nov 23 10:20:30 mx postfix/smtpd[1]: connect from unknown[192.0.2.7]\n');
    for (const args of [
      ['--version'],
      ['--help'],
      ['check', '--policy', policy],
      ['list', '--policy', policy],
      ['explain', '--policy', policy, log],
      ['replay', '--policy', policy, log],
      ['completion', 'bash'],
      ['completion', 'zsh'],
    ]) {
      const { status, stdout } = source(...args);
      expect(run(...args), args.join(' ')).to.deep.include({ status, stdout });
    }
  });

  it('has the licence of each package in its bundle', () => {
    const folder = join(files, 'usr/share/postblock/dist/src/cli');
    const bundled = readdirSync(folder).flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/^\s*(?:\/\/ |")(node_modules\/\S+)/gm)].map(
        ([, path = '']) => /^(?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+/.exec(path)?.[0] ?? path,
      ),
    );
    expect(bundled).to.include.members(['node_modules/yaml/', 'node_modules/@redis/client/']);
    const copyright = text('usr/share/doc/postblock/copyright');
    for (const path of new Set(bundled)) {
      const [, paragraph = ''] = copyright.split(`\nFiles: ${path}*\n`);
      expect(paragraph, path).to.match(/^Copyright: .*\w{3}/);
    }
  });

  it('has the shipped policy.yml, for the unit', () => {
    const changed = (path: string) => readFileSync(path, 'utf8').split('\n');
    const shipped = changed(join(ROOT, 'policy.yml'));
    const installed = changed(join(files, 'etc/postblock/policy.yml'));
    expect(installed.filter((line, i) => line !== shipped[i])).to.deep.equal([
      '# yaml-language-server: $schema=/usr/share/doc/postblock/contrib/schema/policy.schema.json',
      '  - unix: /var/spool/postfix/postblock/policy',
      'state: /var/lib/postblock',
    ]);
    expect(text('DEBIAN/conffiles').trim().split('\n')).to.have.members([
      '/etc/postblock/policy.yml',
      '/etc/logrotate.d/postblock',
    ]);
  });

  for (const policy of ['etc/postblock/policy.yml', 'usr/share/doc/postblock/policy.yml'])
    it(`has in /${policy} the path of its schema, for editors`, () => {
      expect(readFileSync(schemaPath(join(files, policy), files), 'utf8')).to.equal(
        readFileSync(join(ROOT, 'contrib/schema/policy.schema.json'), 'utf8'),
      );
    });

  it('prints the lines for main.cf that the README has', () => {
    const lines = section('Wire Postfix')
      .split('\n')
      .filter((line) => /^ {4}.*postblock/.test(line));
    expect(lines).to.have.lengthOf(3);
    expect(text('DEBIAN/postinst')).to.include(`\n${lines.join('\n')}\n`);
    expect(text('DEBIAN/postinst')).not.to.match(/(?:systemctl|invoke).*postfix/);
    expect(README).to.include('contrib/debian/build');
  });

  it('is not built with a version that its changelog does not have', () => {
    const message = `package.json has version ${VERSION}, contrib/debian/changelog 0.9.0`;
    expect(() => builtPackage({ changelog: '0.9.0' })).to.throw(message);
  });
});
