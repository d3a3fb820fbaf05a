#!/usr/bin/env node
// The entry point: refuses a Node that is too old before it loads a file that such a Node cannot parse.
// No static import and no recent syntax may stand here: Node 12 must be able to run it.

/** As `engines` of package.json. */
const REQUIRED = '20.19';
/** EX_CONFIG, after which the systemd unit does not start it again. exit.ts cannot be imported yet. */
const CONFIG = 78;

const given = process.versions.node.split('.').map(Number);
const required = REQUIRED.split('.').map(Number);
const isOlder =
  given[0] === required[0] ? Number(given[1]) < Number(required[1]) : Number(given[0]) < Number(required[0]);

if (isOlder) {
  const node = `${process.execPath} is Node ${process.versions.node}`;
  process.stderr.write(`postblock: Node ${REQUIRED} or later is required; ${node}\n`);
  process.exitCode = CONFIG;
} else {
  import('./cli/main.ts');
}
