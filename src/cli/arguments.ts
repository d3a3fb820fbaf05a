// Arguments of the command line: what was typed, parsed by the table of commands.

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { EXIT, ExitError } from '../exit.ts';
import { parseDuration } from '../values/duration.ts';
import type { Command, Option } from './reference/command.ts';
import { COMMON_OPTIONS } from './reference/common-options.ts';
import { type Call, COMMANDS, type CommandName, commandNamed } from './reference/table.ts';

/** What was typed before the command is known: the common options, and which command it is. */
export interface FirstLook {
  readonly command: (typeof COMMANDS)[number] | undefined;
  readonly isHelp: boolean;
  readonly isVersion: boolean;
}

type Parsed = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** @throws ExitError for an option that no command takes, and for an unknown command */
export function firstLook(args: readonly string[]): FirstLook {
  const { values, positionals } = parsed(
    args,
    COMMANDS.flatMap(({ options }) => options),
  );
  const [name] = positionals;
  const isVersion = values.version === true;
  const command = name === undefined ? undefined : commandNamed(name);
  if (name !== undefined && command === undefined && !isVersion) throw unknownCommand(name);
  return { command, isHelp: values.help === true, isVersion };
}

/**
 * The call that the arguments are.
 * @param policy path of policy.yml where --policy does not name it
 * @throws ExitError for what the command does not take, and for what it lacks
 */
export function parseCall(
  args: readonly string[],
  command: (typeof COMMANDS)[number],
  policy: string,
): Call<CommandName> {
  const { values, positionals } = parsed(args, command.options);
  const operands = positionals.slice(1);
  checkOperands(command, operands, isBulk(command, values));
  checkRequired(command, values);
  const own = command.options.map((option) => [option.name, parsedValue(option, values[option.name])]);
  return {
    name: command.name,
    policy: String(values.policy ?? policy),
    // The types of the table say of each command what parsedValue() makes of its options.
    values: Object.fromEntries(own) as never,
    operands: operands as never,
  };
}

export function unknownCommand(name: string): ExitError {
  return usageError(`unknown command ${JSON.stringify(name)}`);
}

export function usageError(message: string): ExitError {
  return new ExitError(EXIT.usage, [message, 'postblock --help shows the commands']);
}

function parsed(args: readonly string[], own: readonly Option[]): { values: Parsed; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    [...COMMON_OPTIONS, ...own].map(({ name, type, short }) => [
      name,
      {
        ...(type === 'flag' ? { type: 'boolean' } : { type: 'string', multiple: type === 'list' }),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw usageError(parseMessage(error as NodeJS.ErrnoException, [...COMMON_OPTIONS, ...own]));
  }
}

/** What is wrong, in the words of this program: Node's explain parseArgs() to its caller. */
function parseMessage({ code, message }: NodeJS.ErrnoException, known: readonly Option[]): string {
  const [, typed = ''] = /^[^']*'([^']*)/.exec(message) ?? [];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `unknown option ${JSON.stringify(typed)}`;
  const name = /--([a-z-]+)/.exec(typed)?.[1];
  const option = known.find((one) => one.name === name);
  if (option === undefined) return 'an option is not valid';
  if (option.argument === undefined) return `--${option.name} takes no value`;
  return `--${option.name} needs ${option.argument}; write --${option.name}=${option.argument} where it begins with "-"`;
}

/** Whether it is called without operands, for many clients at once. @throws ExitError where half of that is missing */
function isBulk({ options }: Command, values: Parsed): boolean {
  const required = options.filter(({ bulk }) => bulk === 'required');
  const flag = required.find(({ type }) => type === 'flag');
  if (flag === undefined || values[flag.name] !== true) return false;
  const missing = required.find(({ name }) => values[name] === undefined);
  if (missing !== undefined) throw usageError(`--${flag.name} needs --${missing.name}`);
  return true;
}

function checkOperands(
  { name, operands, options }: Command,
  words: readonly string[],
  isBulk: boolean,
): void {
  const { argument = '', least = 0, most = 0, choices = 'files' } = (isBulk ? undefined : operands) ?? {};
  if (words.length < least) {
    const flag = options.find(({ bulk, type }) => bulk === 'required' && type === 'flag');
    throw usageError(
      `${name} needs ${most > 1 ? `at least one ${argument}` : argument}${flag === undefined ? '' : `, or --${flag.name}`}`,
    );
  }
  const unexpected = words[most];
  if (unexpected !== undefined) throw usageError(`unexpected argument ${JSON.stringify(unexpected)}`);
  if (choices !== 'files' && !words.every((word) => choices.includes(word)))
    throw usageError(`${name} takes ${choices.join(' or ')}`);
}

function checkRequired({ name, options }: Command, values: Parsed): void {
  const missing = options.find((option) => option.required && !values[option.name]);
  if (missing !== undefined) throw usageError(`${name} needs --${missing.name} ${missing.argument}`);
}

function parsedValue(option: Option, value: Parsed[string]): Parsed[string] | number {
  switch (option.type) {
    case 'flag':
      return value ?? false;
    case 'list':
      return value ?? [];
    case 'duration':
      return value === undefined ? undefined : durationOf(option, String(value));
    case 'count':
      return value === undefined ? undefined : countOf(option, String(value));
    case 'choice':
      return choiceOf(option, String(value ?? option.default));
    default:
      return value;
  }
}

function durationOf({ name }: Option, text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined && duration > 0) return duration;
  throw new ExitError(EXIT.usage, [
    `--${name}: ${JSON.stringify(text)} is not a valid duration; expected one such as 90s, 1h or 2d`,
  ]);
}

function countOf({ name, most }: Extract<Option, { type: 'count' }>, text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw new ExitError(EXIT.usage, [
    `--${name}: ${JSON.stringify(text)} is not valid; expected a number from 1 to ${most}`,
  ]);
}

function choiceOf({ name, choices }: Extract<Option, { type: 'choice' }>, text: string): string {
  if (choices.includes(text)) return text;
  throw new ExitError(EXIT.usage, [
    `--${name}: ${JSON.stringify(text)} is not known; expected one of ${choices.join(', ')}`,
  ]);
}
