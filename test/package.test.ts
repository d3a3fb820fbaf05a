// The package as npm makes and installs it: all that runs, and nothing to be run at its installation.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { temporaryFolder } from './harness/folder.ts';
import { page, schemaPath } from './harness/readme.ts';

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
  readonly engines: { readonly node: string };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly dev?: boolean }>>;
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

  it('carries the versions that were tested, no test and no source map of its own, and installs without a registry', () => {
    const folder = temporaryFolder();
    const packed = npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
    expect(packed.status, packed.stderr).to.equal(0);
    const [{ filename = '', files = [] } = {}] = JSON.parse(packed.stdout) as Packed[];
    const own = files.map(({ path }) => path).filter((path) => !path.startsWith('node_modules/'));
    expect(own).to.include('dist/src/cli.js');
    expect(own.filter((path) => path.startsWith('dist/test') || path.endsWith('.map'))).to.deep.equal([]);
    writeFileSync(join(folder, 'package.json'), '{"name": "host"}');
    const install = npm(folder, 'install', join(folder, filename));
    expect(install.status, install.stderr).to.equal(0);
    const home = join(folder, 'node_modules', 'postblock');
    expect(existsSync(schemaPath(join(home, 'policy.yml'))), 'the schema for editors').to.equal(true);
    // As installed with --global --prefix /usr.
    expect(page('contrib/docs/packages.md')).to.include(
      's|schema=contrib/|schema=/usr/lib/node_modules/postblock/contrib/|',
    );
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
    for (const [path, { version, dev = false }] of Object.entries(packages)) {
      if (path === '' || dev) continue;
      const installed = JSON.parse(readFileSync(join(home, path, 'package.json'), 'utf8')) as Manifest;
      expect(installed.version, path).to.equal(version);
      for (const script of INSTALL_SCRIPTS.slice(0, 3))
        expect(installed.scripts ?? {}, path).not.to.have.property(script);
      expect(existsSync(join(home, path, 'binding.gyp')), path).to.equal(false);
    }
    const program = join(folder, 'node_modules', '.bin', 'postblock');
    expect(spawnSync(program, ['--version'], { encoding: 'utf8' })).to.include({
      status: 0,
      stdout: `postblock ${manifest.version}\n`,
    });
  });

  it('reports a Node that is too old in one line, before it loads anything else', () => {
    const cli = join(ROOT, 'dist', 'src', 'cli.js');
    expect(manifest.engines.node).to.equal('>=20.19');
    // Node 12 knows neither ?. nor ??, and an import at the top would load files that they cannot parse.
    expect(readFileSync(cli, 'utf8')).not.to.match(/^import |\?\.|\?\?|\bawait\b/m);
    for (const [node, isTooOld] of [
      ['12.22.12', true],
      ['18.20.8', true],
      ['20.18.3', true],
      ['20.19.0', false],
      ['22.2.0', false],
      ['100.0.0', false],
    ] as const) {
      const versions = `{value: {...process.versions, node: '${node}'}}`;
      const code = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`;
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', code, cli, '--version'], {
        encoding: 'utf8',
      });
      const text = `postblock: Node 20.19 or later is required; ${process.execPath} is Node ${node}\n`;
      expect({ status, stdout, stderr }).to.deep.equal(
        isTooOld
          ? { status: 78, stdout: '', stderr: text }
          : { status: 0, stdout: `postblock ${manifest.version}\n`, stderr: '' },
      );
    }
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
    expect(existsSync(schemaPath(policy)), 'the schema that policy.yml names for editors').to.equal(true);
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
