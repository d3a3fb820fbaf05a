#!/usr/bin/env node
// The door: one command table, exit codes, and what the commands without a daemon print.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Values } from './cli/commands.ts';
import { completion } from './cli/completion.ts';
import { helpText } from './cli/help.ts';
import { manPage } from './cli/man-page.ts';
import { manualOf, optionsOf, SHELLS, SYSTEM_POLICY } from './cli/reference/manual.ts';
import type { CommandManual, CommandName } from './cli/reference/manual-entry.ts';
import type { Daemon } from './daemon/daemon.ts';
import { EXIT, ExitError } from './exit.ts';

type DeskCommand = keyof typeof import('./cli/commands.ts');

interface Command {
  /** how many operands it takes: least and most */
  readonly operands: readonly [number, number];
  run(policy: string, values: Values, operands: readonly string[]): Promise<void> | void;
}

/** ms that the reader of a daemon's standard output may take for what is left */
const FAREWELL = 1000;
/** standard output is a daemon's log */
let isServing = false;

const PACKAGE = new URL('../../package.json', import.meta.url);

/** Each loads what it needs when it is run: all of it takes twice as long as the desk alone, and somebody is waiting. */
const COMMANDS: Readonly<Record<CommandName, Command>> = {
  serve: { operands: [0, 0], run: serve },
  check: { operands: [0, 0], run: check },
  list: { operands: [0, 0], run: desk('list') },
  show: { operands: [1, 1], run: desk('show') },
  status: { operands: [0, 0], run: desk('status') },
  unblock: { operands: [0, 1000], run: desk('unblock') },
  block: { operands: [1, 1], run: desk('block') },
  allow: { operands: [1, 1], run: desk('allow') },
  disallow: { operands: [1, 1], run: desk('disallow') },
  tail: { operands: [0, 0], run: desk('tail') },
  replay: { operands: [1, 10_000], run: replayed },
  explain: { operands: [0, 10_000], run: explained },
  man: {
    operands: [0, 0],
    run: () => write(manPage(version(), statSync(PACKAGE).mtime.toISOString().slice(0, 10))),
  },
  completion: { operands: [1, 1], run: (_policy, _values, [shell]) => write(completion(shellOf(shell))) },
};

async function serve(policy: string): Promise<void> {
  isServing = true;
  const starting = import('./daemon/daemon.ts').then((module) => module.Daemon.start(policy, version()));
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
  const { loadConfig } = await import('./config/load.ts');
  const { rules } = await loadConfig(policy);
  const names = rules.map((rule) => (rule.enforce ? rule.name : `${rule.name} (watched only)`));
  write(`${policy}: no mistakes; rules: ${names.join(', ')}\n`);
}

/** A command of the support desk: the policy says where the state directory is. */
function desk(name: DeskCommand): Command['run'] {
  return async (policy, values, operands) => {
    const [{ loadConfig }, commands] = await Promise.all([
      import('./config/load.ts'),
      import('./cli/commands.ts'),
    ]);
    await commands[name]({ config: await loadConfig(policy), values, operands, now: Date.now() });
  };
}

async function replayed(policy: string, values: Values, paths: readonly string[]): Promise<void> {
  const { set = [], sweep = [], since, until, json, html } = values;
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const { replay } = await import('./replay/command.ts');
  await replay({
    policy,
    paths,
    options: { set, sweep, since, until },
    isJson: json ?? false,
    html: html === undefined ? undefined : resolve(html),
    stdin: process.stdin,
    signal: interrupt.signal,
    clock: Date.now,
  });
}

async function explained(policy: string, { json }: Values, paths: readonly string[]): Promise<void> {
  const { explain } = await import('./explain/command.ts');
  if (paths.length === 0 && process.stdin.isTTY)
    process.stderr.write('postblock: reads log lines from here; Ctrl-D ends them\n');
  await explain({ policy, paths, isJson: json ?? false, stdin: process.stdin, now: Date.now() });
}

function shellOf(name: string | undefined): (typeof SHELLS)[number] {
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined) throw usage(`completion knows ${SHELLS.join(' and ')}`);
  return shell;
}

function version(): string {
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
}

function write(text: string): void {
  process.stdout.write(text);
}

function parsed(args: readonly string[], manual?: CommandManual) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: optionsOf(manual) });
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function usage(message: string): ExitError {
  return new ExitError(EXIT.usage, [message, 'postblock --help shows the commands']);
}

/** What a command cannot do without. */
function demand(manual: CommandManual, values: Values, operands: readonly string[]): void {
  const { name } = manual;
  const [least, most] = COMMANDS[name].operands;
  const isAll = name === 'unblock' && values.all === true;
  if (isAll && (values.rule === undefined || operands.length > 0))
    throw usage('--all goes with --rule, and with no IP');
  if (name === 'unblock' && !isAll && operands.length === 0) throw usage('unblock takes at least one IP');
  if (operands.length < least) throw usage(`${name} takes ${manual.synopsis[0]}`);
  if (operands.length > most) throw usage(`${name} takes no ${JSON.stringify(operands[most])}`);
  const given = values as Readonly<Record<string, unknown>>;
  const missing = manual.options.find(
    (option) => option.argument !== undefined && option.required && !given[option.name],
  );
  if (missing !== undefined) throw usage(`${name} needs --${missing.name} ${missing.argument}`);
}

async function main(args: readonly string[]): Promise<void> {
  const first = parsed(args);
  const [name] = first.positionals;
  if (first.values.version) return write(`postblock ${version()}\n`);
  const manual = name === undefined ? undefined : manualOf(name);
  if (name !== undefined && manual === undefined) throw usage(`unknown command ${JSON.stringify(name)}`);
  if (first.values.help) return write(helpText(manual));
  if (manual === undefined) throw usage('no command given');
  const { values, positionals } = parsed(args, manual);
  demand(manual, values, positionals.slice(1));
  const fallback = existsSync('policy.yml') ? 'policy.yml' : SYSTEM_POLICY;
  await COMMANDS[manual.name].run(resolve(values.policy ?? fallback), values, positionals.slice(1));
}

function end(status: number): void {
  const exit = () => process.exit(status);
  // What was written to a pipe must have left before the process does.
  process.stdout.write('', exit);
  if (isServing) setTimeout(exit, FAREWELL);
}

/** Whoever reads what a command prints decides how much of it; a daemon lives on without a reader of its log. */
process.stdout.on('error', () => {
  if (!isServing) process.exit(EXIT.ok);
});
main(process.argv.slice(2)).then(
  () => end(EXIT.ok),
  (error: unknown) => {
    const isPlain = error instanceof ExitError;
    const lines = isPlain
      ? error.lines
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    for (const line of lines) process.stderr.write(`postblock: ${line}\n`);
    end(isPlain ? error.status : EXIT.software);
  },
);
