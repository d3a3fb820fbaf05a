#!/usr/bin/env node
// The door: one command table, exit codes, and what each command prints.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from './config/load.ts';
import { Daemon } from './daemon.ts';
import { EXIT, ExitError } from './exit.ts';

interface Command {
  readonly summary: string;
  readonly help: string;
  run(policy: string): Promise<void>;
}

const SYSTEM_POLICY = '/etc/postblock/policy.yml';

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    summary: 'follow the mail log and answer the policy service',
    help: `Follows the mail log, counts abuse per client IP and answers Postfix's policy service, in the foreground.

Signals:
  HUP        read policy.yml again and reopen the log file; a policy with mistakes changes nothing
  USR1       write state/snapshot.json now
  TERM, INT  answer the requests in hand, write the snapshot, end

Exit status:
  0   ended by TERM or INT
  69  an address of listen: is in use
  74  the state directory cannot be written
  77  no permission to open a listener
  78  policy.yml has mistakes, each on a line of standard error`,
    run: serve,
  },
  check: {
    summary: 'check policy.yml and say every mistake in it',
    help: `Reads policy.yml as serve would, and changes nothing.

Exit status:
  0   no mistakes
  78  mistakes, each on a line of standard error as FILE:LINE:COLUMN: KEY: what is wrong and what was expected`,
    run: check,
  },
};

async function serve(policy: string): Promise<void> {
  const starting = Daemon.start(policy, version());
  const tell = (what: (daemon: Daemon) => unknown) => starting.then(what, () => undefined);
  // From the first moment on, so that no signal meets its default, which is to end the process.
  process.on('SIGHUP', () => tell((daemon) => daemon.reload()));
  process.on('SIGUSR1', () => tell((daemon) => daemon.snapshot()));
  const stopped = new Promise((stop) => process.on('SIGTERM', stop).on('SIGINT', stop));
  const daemon = await starting;
  // Whatever no part of the daemon caught: mail goes on, and the log says it.
  process.on('uncaughtException', (error) => daemon.caught(error));
  process.on('unhandledRejection', (error) => daemon.caught(error));
  await stopped;
  await daemon.stop();
}

async function check(policy: string): Promise<void> {
  const { rules } = await loadConfig(policy);
  const names = rules.map((rule) => (rule.enforce ? rule.name : `${rule.name} (watched only)`));
  process.stdout.write(`${policy}: no mistakes; rules: ${names.join(', ')}\n`);
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const OPTIONS = `Options:
  --policy FILE  the policy (default: ./policy.yml, else ${SYSTEM_POLICY})
  --help         this text
  --version      the version`;

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(14)} ${summary}`);
  return `postblock: temporary SMTP blocks for Postfix\n\nUsage: postblock COMMAND [--policy FILE]\n\nCommands:\n${lines.join('\n')}\n\n${OPTIONS}\n\npostblock COMMAND --help tells more of each.\n`;
}

function helpOf(name: string, { summary, help }: Command): string {
  return `postblock ${name}: ${summary}\n\nUsage: postblock ${name} [--policy FILE]\n\n${help}\n\n${OPTIONS}\n`;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { policy: { type: 'string' }, help: { type: 'boolean' }, version: { type: 'boolean' } },
    });
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function usage(message: string): ExitError {
  return new ExitError(EXIT.usage, [message, 'postblock --help shows the commands']);
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  const [name, ...rest] = positionals;
  if (values.version) return void process.stdout.write(`postblock ${version()}\n`);
  const command = name === undefined || !Object.hasOwn(COMMANDS, name) ? undefined : COMMANDS[name];
  if (name !== undefined && command === undefined) throw usage(`unknown command ${JSON.stringify(name)}`);
  if (values.help) return void process.stdout.write(name && command ? helpOf(name, command) : overview());
  if (command === undefined) throw usage('no command given');
  if (rest.length > 0) throw usage(`${name} takes no ${JSON.stringify(rest[0])}`);
  const fallback = existsSync('policy.yml') ? 'policy.yml' : SYSTEM_POLICY;
  await command.run(resolve(values.policy ?? fallback));
}

main(process.argv.slice(2)).then(
  () => process.exit(EXIT.ok),
  (error: unknown) => {
    const isPlain = error instanceof ExitError;
    const lines = isPlain
      ? error.lines
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    for (const line of lines) process.stderr.write(`postblock: ${line}\n`);
    process.exit(isPlain ? error.status : EXIT.software);
  },
);
