// The form of a command's entry in the manual, and what many entries share.

import { EXIT } from '../../exit.ts';

export type FlagName = 'help' | 'version' | 'json' | 'watching' | 'all' | 'yes';
export type ValueName =
  | 'policy'
  | 'rule'
  | 'network'
  | 'sort'
  | 'reason'
  | 'grace'
  | 'for'
  | 'since'
  | 'until'
  | 'html';
/** Options that may be given more than once. */
export type ListName = 'set' | 'sweep';

interface Flag {
  readonly name: FlagName;
  readonly argument?: never;
  readonly meaning: string;
}

interface Valued {
  readonly name: ValueName | ListName;
  /** what its value is called */
  readonly argument: string;
  readonly meaning: string;
  /** what holds without it */
  readonly default?: string;
  /** the command does nothing without it */
  readonly required?: true;
  readonly choices?: 'files' | readonly string[];
}

/** An option, by its name without the dashes. */
export type OptionManual = Flag | Valued;

/** A word and what it stands for: a signal, a file, an example. */
export interface Term {
  readonly term: string;
  readonly meaning: string;
}

export interface ExitStatus {
  readonly status: number;
  readonly meaning: string;
}

export type CommandName =
  | 'serve'
  | 'check'
  | 'list'
  | 'show'
  | 'status'
  | 'unblock'
  | 'block'
  | 'allow'
  | 'disallow'
  | 'tail'
  | 'replay'
  | 'explain'
  | 'man'
  | 'completion';

/** All texts are ASCII, without markup; paragraphs are not broken into lines. */
export interface CommandManual {
  readonly name: CommandName;
  /** what follows the name; one text for each way to call it */
  readonly synopsis: readonly string[];
  /** one line */
  readonly summary: string;
  /** paragraphs */
  readonly description: readonly string[];
  /** beside the common ones */
  readonly options: readonly OptionManual[];
  /** words that the command takes, where they are few, or files */
  readonly words?: 'files' | readonly string[];
  readonly signals?: readonly Term[];
  readonly exits: readonly ExitStatus[];
  readonly examples: readonly Term[];
}

export const DONE: ExitStatus = { status: EXIT.ok, meaning: 'done' };
export const MISTAKES: ExitStatus = {
  status: EXIT.config,
  meaning: 'policy.yml has mistakes, each on a line of standard error',
};
