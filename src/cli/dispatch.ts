// Dispatch: the implementation of each command, loaded when it is called.

import { resolve } from 'node:path';
import type { Call, CommandName } from './reference/table.ts';
import { NoDaemon } from './unanswered.ts';

type Handlers = { readonly [Name in CommandName]: (call: Call<Name>) => Promise<void> };

/** Each loads only what it needs: to load all takes twice as long, and somebody is waiting. */
const HANDLERS: Handlers = {
  serve: async (call) => (await import('./serve.ts')).serve(call),
  check: async (call) => (await import('./check.ts')).check(call),
  reload: async (call) => (await import('./queries.ts')).reload(call),
  list: async (call) => (await import('./listing.ts')).list(call),
  show: async (call) => (await import('./queries.ts')).show(call),
  find: async (call) => (await import('./queries.ts')).find(call),
  status: async (call) => (await import('./queries.ts')).status(call),
  tail: async (call) => (await import('./queries.ts')).tail(call),
  unblock: async (call) => (await import('./unblock.ts')).unblock(call),
  block: async (call) => (await import('./actions.ts')).change(call),
  allow: async (call) => (await import('./actions.ts')).allow(call),
  disallow: async (call) => (await import('./actions.ts')).change(call),
  resume: async (call) => (await import('./actions.ts')).change(call),
  explain,
  replay,
  help,
  version: printVersion,
  man,
  completion,
};

export async function run(call: Call<CommandName>): Promise<void> {
  const handler = HANDLERS[call.name] as (call: Call<CommandName>) => Promise<void>;
  await handler(call).catch((error: unknown) => {
    throw error instanceof NoDaemon ? error.under(call.policy) : error;
  });
}

async function explain({ policy, values, operands: paths }: Call<'explain'>): Promise<void> {
  const { explain } = await import('../explain/command.ts');
  if (paths.length === 0 && process.stdin.isTTY)
    process.stderr.write('postblock: reading log lines from the terminal; end with Ctrl-D\n');
  await explain({ policy, paths, isJson: values.json, stdin: process.stdin, now: Date.now() });
}

async function replay({ policy, values, operands: paths }: Call<'replay'>): Promise<void> {
  const { set, sweep, since, until, json, html } = values;
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const [{ replay }, { version }] = await Promise.all([
    import('../replay/command.ts'),
    import('./release.ts'),
  ]);
  await replay({
    policy,
    paths,
    options: { set, sweep, since, until },
    isJson: json,
    html: html === undefined ? undefined : resolve(html),
    stdin: process.stdin,
    signal: interrupt.signal,
    clock: Date.now,
    release: version(),
  });
}

async function help({ operands: [name] }: Call<'help'>): Promise<void> {
  const [{ helpText }, { commandNamed }, { unknownCommand }] = await Promise.all([
    import('./manual/help.ts'),
    import('./reference/table.ts'),
    import('./arguments.ts'),
  ]);
  const command = name === undefined ? undefined : commandNamed(name);
  if (name !== undefined && command === undefined) throw unknownCommand(name);
  process.stdout.write(helpText(command));
}

async function printVersion(): Promise<void> {
  const { version } = await import('./release.ts');
  process.stdout.write(`postblock ${version()}\n`);
}

async function man(): Promise<void> {
  const [{ manPage }, { releaseDate, version }] = await Promise.all([
    import('./manual/man-page.ts'),
    import('./release.ts'),
  ]);
  process.stdout.write(manPage(version(), releaseDate()));
}

async function completion({ policy, operands: [what = 'bash'] }: Call<'completion'>): Promise<void> {
  if (what === 'rules' || what === 'blocked') {
    const { completionWords } = await import('./completion-words.ts');
    for (const word of await completionWords(what, policy)) process.stdout.write(`${word}\n`);
    return;
  }
  const { completion } = await import('./manual/completion.ts');
  process.stdout.write(completion(what));
}
