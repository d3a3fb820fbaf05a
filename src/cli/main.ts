// The program: runs the command that was typed, and ends with its exit status.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJournal, priorityOf } from '../daemon/log/journal-stream.ts';
import { EXIT, ExitError } from '../exit.ts';
import { firstLook, parseCall, usageError } from './arguments.ts';
import { run } from './dispatch.ts';
import { errorText, isJson } from './json.ts';
import { helpText } from './manual/help.ts';
import { defaultPolicy } from './reference/default-policy.ts';
import { version } from './release.ts';

/** ms in which the reader of a daemon's standard output may read what is left when it ends */
const LAST_OUTPUT = 1000;
/** standard output is a daemon's log */
let isServing = false;

async function main(args: readonly string[]): Promise<void> {
  const { command, isHelp, isVersion } = firstLook(args);
  if (isVersion) process.stdout.write(`postblock ${version()}\n`);
  else if (isHelp) process.stdout.write(helpText(command));
  else {
    if (command === undefined) throw usageError('no command given');
    const call = parseCall(args, command, defaultPolicy(fileURLToPath(import.meta.url), existsSync));
    isServing = call.name === 'serve';
    await run({ ...call, policy: resolve(call.policy) });
  }
}

function end(status: number): void {
  const exit = () => process.exit(status);
  // What was written to a pipe must have left before the process does.
  process.stdout.write('', exit);
  if (isServing) setTimeout(exit, LAST_OUTPUT);
}

// A command ends when nobody reads its output; a daemon goes on without a reader of its log.
process.stdout.on('error', () => {
  if (!isServing) process.exit(EXIT.ok);
});
const args = process.argv.slice(2);
main(args).then(
  () => end(EXIT.ok),
  (error: unknown) => {
    const isPlain = error instanceof ExitError;
    const lines = isPlain
      ? error.lines
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    if (isJson(args)) process.stdout.write(errorText(error));
    const priority = isJournal(process.stderr.fd) ? priorityOf('error') : '';
    for (const line of lines) process.stderr.write(`${priority}postblock: ${line}\n`);
    end(isPlain ? error.status : EXIT.software);
  },
);
