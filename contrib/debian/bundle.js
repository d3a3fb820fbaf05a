// The bundle of the Debian package: writes the program and the packages that it uses into DIRECTORY, without source maps,
// and the licences of these packages, as paragraphs of debian/copyright, to standard output.
//
//     node bundle.js DIRECTORY COPYRIGHT

import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const [directory = 'bundle', copyright = 'debian/copyright'] = process.argv.slice(2);

/** esbuild cannot turn require() of Node's own modules into an import by itself. */
const requiredBuiltins = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === 'require-call' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `import builtin from ${JSON.stringify(path)};\nmodule.exports = builtin;\n`,
    }));
  },
};

const { metafile } = await build({
  entryPoints: ['src/cli.ts'],
  outdir: join(directory, 'dist/src'),
  // As deep as the files of src/cli, which find package.json from where they are. In parts, because a command that loads
  // only what it needs starts in two thirds of the time; not minified, so that a stack trace can be read.
  chunkNames: 'cli/[name]-[hash]',
  splitting: true,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  // Paths in the bundle are those below the current directory, wherever node_modules leads.
  preserveSymlinks: true,
  plugins: [requiredBuiltins],
  metafile: true,
  logLevel: 'warning',
});

/** Paths of the packages in the bundle, as node_modules/yaml. */
function bundledPackages() {
  const found = Object.keys(metafile.inputs).map(
    (path) => /^(?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+/.exec(path)?.[0].slice(0, -1) ?? [],
  );
  return [...new Set(found.flat())].sort();
}

/** The paragraph of a package; nothing if debian/copyright has one, as for a package without a file of its licence. */
function paragraphOf(path) {
  if (readFileSync(copyright, 'utf8').includes(`Files: ${path}/*\n`)) return [];
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined)
    throw new Error(`${path} has no licence file: write its paragraph into ${copyright}`);
  const text = readFileSync(join(path, file), 'utf8').trim().split(/\r?\n/);
  const holders = text.flatMap((line) => /^[\s-]*Copyright (?:\([cC]\) )?(.+)/.exec(line)?.[1] ?? []);
  // The text of the Apache License has a placeholder there, and Debian has that text in a place of its own.
  if (holders.length === 0 || holders.some((holder) => holder.startsWith('[')))
    throw new Error(`${path}/${file} names no holder of the copyright`);
  const lines = text.map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`));
  return [
    `Files: ${path}/*`,
    `Copyright: ${holders.join('\n ')}`,
    `License: ${license}`,
    ...lines,
    `Comment: ${name} ${version}, in the bundle`,
  ].join('\n');
}

process.stdout.write(
  bundledPackages()
    .flatMap(paragraphOf)
    .map((text) => `\n${text}\n`)
    .join(''),
);
