// The package as npm makes and installs it: all that runs, and nothing to be run at its installation.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { temporaryFolder } from './harness/folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What npm runs of a package that it installs (scripts of npm's documentation). */
const INSTALL_SCRIPTS = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
}

function npm(folder: string, ...args: string[]) {
  const env = { ...process.env, npm_config_offline: 'true', npm_config_audit: 'false' };
  return spawnSync('npm', args, { cwd: folder, encoding: 'utf8', env });
}

describe('package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

  it('runs no script when it is installed', () => {
    expect(Object.keys(manifest.scripts)).not.to.include.members(INSTALL_SCRIPTS);
    for (const script of INSTALL_SCRIPTS) expect(manifest.scripts).not.to.have.property(script);
  });

  it('of a checkout is installed without a compiler: npm ci --omit=dev', () => {
    const folder = temporaryFolder();
    const { name, version, scripts } = manifest;
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, scripts }));
    const lock = { name, version, lockfileVersion: 3, packages: { '': { name, version } } };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const { status, stderr } = npm(folder, 'ci', '--omit=dev');
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
  });

  it('holds the program, policy.yml and contrib, and runs where it is unpacked', () => {
    const folder = temporaryFolder();
    for (const name of ['package.json', 'README.md', 'policy.yml', 'contrib', 'dist'])
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    const packed = npm(folder, 'pack', '--silent', '--ignore-scripts');
    expect(packed.status, packed.stderr).to.equal(0);
    const unpacked = join(folder, 'unpacked');
    mkdirSync(unpacked);
    const tar = spawnSync('tar', ['-xzf', join(folder, packed.stdout.trim()), '-C', unpacked]);
    expect(tar.status).to.equal(0);
    symlinkSync(join(ROOT, 'node_modules'), join(unpacked, 'node_modules'));
    const cli = join(unpacked, 'package', 'dist', 'src', 'cli.js');
    const policy = join(unpacked, 'package', 'policy.yml');
    for (const [args, text] of [
      [['--version'], `postblock ${manifest.version}\n`],
      [['check', '--policy', policy], `${policy}: no mistakes; `],
    ] as const) {
      const { stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
      expect(stderr).to.equal('');
      expect(stdout.startsWith(text), stdout).to.equal(true);
    }
    expect(spawnSync('ls', [join(unpacked, 'package', 'dist')], { encoding: 'utf8' }).stdout).to.equal(
      'src\n',
    );
  });
});
