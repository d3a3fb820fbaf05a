// The table of commands: arguments, dispatch, help, man page, completion and control requests are derived from it.

import { ALLOW, BLOCK, DISALLOW, RESUME, UNBLOCK } from './action-commands.ts';
import type { Command, Operand, RequestFields, Values } from './command.ts';
import { CHECK, RELOAD, SERVE } from './daemon-commands.ts';
import { EXPLAIN, REPLAY } from './log-commands.ts';
import { FIND, LIST, SHOW, STATUS, TAIL } from './query-commands.ts';
import { COMPLETION, HELP, MAN, VERSION } from './shell-commands.ts';

const TABLE = [
  SERVE,
  CHECK,
  RELOAD,
  LIST,
  SHOW,
  FIND,
  STATUS,
  UNBLOCK,
  BLOCK,
  ALLOW,
  DISALLOW,
  RESUME,
  TAIL,
  EXPLAIN,
  REPLAY,
  HELP,
  VERSION,
  MAN,
  COMPLETION,
] as const;

type Entry = (typeof TABLE)[number];
type Requesting = Extract<Entry, { readonly request: object }>;
type Named<Name extends CommandName> = Extract<Entry, { readonly name: Name }>;

/** In the order of the manual. */
export const COMMANDS: readonly (Command & { readonly name: CommandName })[] = TABLE;

export type CommandName = Entry['name'];

/** A parsed command line. */
export interface Call<Name extends CommandName> {
  readonly name: Name;
  /** path of policy.yml */
  readonly policy: string;
  readonly values: Values<Named<Name>>;
  readonly operands: readonly Operand<Named<Name>>[];
}

/** The commands that are sent as a control request: the kinds of requests. */
export type RequestName = Requesting['name'];

type UnionToIntersection<U> = (U extends U ? (of: U) => void : never) extends (of: infer I) => void
  ? I
  : never;

/** The fields of control requests besides the command: those of all commands, the user and the reason. */
export type RequestValues = Partial<UnionToIntersection<RequestFields<Requesting>>> & {
  readonly by?: string;
  readonly reason?: string;
};

/** The fields of requests by name, each with the type of its value. */
export const REQUEST_TYPES: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  command: 'string',
  by: 'string',
  reason: 'string',
  ...Object.fromEntries(COMMANDS.flatMap(fieldTypes)),
};

function fieldTypes({ options, request }: Command) {
  return Object.entries(request?.fields ?? {}).map(([field, source]) => {
    const type = options.find(({ name }) => name === source)?.type;
    const isNumber = type === 'duration' || type === 'count';
    return [field, type === 'flag' ? 'boolean' : isNumber ? 'number' : 'string'] as const;
  });
}

export function isRequestName(name: string): name is RequestName {
  return commandNamed(name)?.request !== undefined;
}

export function commandNamed(name: string): (typeof COMMANDS)[number] | undefined {
  return COMMANDS.find((command) => command.name === name);
}
