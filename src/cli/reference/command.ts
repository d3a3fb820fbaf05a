// The form of a command in the table, and the types that follow from its entry.

/** All texts are ASCII, without markup. */
interface AnyOption {
  /** without the dashes */
  readonly name: string;
  readonly meaning: string;
  /** its letter, without the dash */
  readonly short?: string;
  /** used in calls without operands, for many clients at once; the required flag among these selects such a call */
  readonly bulk?: 'required' | 'optional';
}

interface Flag extends AnyOption {
  readonly type: 'flag';
  readonly argument?: never;
  readonly required?: never;
  readonly words?: never;
}

/** Words that a shell completes and no table holds: the rules of the policy, the IPs that are blocked, the commands. */
export type WordSource = 'rules' | 'blocked' | 'commands';

interface ValuedOption extends AnyOption {
  /** list: may be given more than once; duration: such as 1h30m, parsed to ms */
  readonly type: 'text' | 'list' | 'duration' | 'file';
  /** name of its value */
  readonly argument: string;
  /** its default, in the words of help */
  readonly default?: string;
  /** the command is refused without it */
  readonly required?: true;
  /** what a shell completes */
  readonly words?: WordSource;
}

interface CountOption extends AnyOption {
  readonly type: 'count';
  readonly argument: string;
  /** the largest that is accepted; the smallest is 1 */
  readonly most: number;
  /** its default, in the words of help */
  readonly default?: string;
  readonly required?: never;
  readonly words?: never;
}

interface ChoiceOption extends AnyOption {
  readonly type: 'choice';
  readonly argument: string;
  readonly choices: readonly string[];
  /** the default */
  readonly default: string;
  readonly required?: never;
  readonly words?: never;
}

export type Option = Flag | ValuedOption | CountOption | ChoiceOption;

/** The operands of a command. */
interface Operands {
  readonly argument: string;
  readonly least: number;
  readonly most: number;
  /** its possible words, if they are few, or files */
  readonly choices?: 'files' | readonly string[];
  /** what a shell completes where they are not few */
  readonly words?: WordSource;
}

/** The control request that a command becomes. */
interface Request {
  /** change: recorded with the user and the reason; follow: the connection stays open for later changes */
  readonly effect: 'read' | 'change' | 'follow';
  /** fields of the request, each with the option that gives its value; operand: the first operand, as text */
  readonly fields: Readonly<Record<string, string>>;
}

/** A word and its meaning: a signal, a file, an example. */
export interface Term {
  readonly term: string;
  readonly meaning: string;
}

export interface ExitStatus {
  readonly status: number;
  readonly meaning: string;
}

/** A command: its options and operands, its control request, and its manual. Paragraphs are not broken into lines. */
export interface Command {
  readonly name: string;
  /** one line */
  readonly summary: string;
  /** paragraphs */
  readonly description: readonly string[];
  readonly operands?: Operands;
  /** in addition to the common ones */
  readonly options: readonly Option[];
  /** false: does not read policy.yml */
  readonly policy?: false;
  /** undefined: does not need the daemon */
  readonly request?: Request;
  readonly signals?: readonly Term[];
  readonly exits: readonly ExitStatus[];
  readonly examples: readonly Term[];
}

type Value<O extends Option> = O extends { readonly type: 'flag' }
  ? boolean
  : O extends { readonly type: 'list' }
    ? readonly string[]
    : O extends { readonly type: 'duration' | 'count' }
      ? number
      : O extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string;

type IsSet<O extends Option> = O extends
  | { readonly type: 'flag' | 'list' | 'choice' }
  | { readonly required: true }
  ? true
  : false;

/** The parsed values of a command's options by name; a flag that is not given is false, a list is empty. */
export type Values<C extends Command> = {
  readonly [O in C['options'][number] as O['name']]: IsSet<O> extends true ? Value<O> : Value<O> | undefined;
};

export type Operand<C extends Command> = C extends {
  readonly operands: { readonly choices: readonly (infer Word)[] };
}
  ? Word
  : string;

type FieldValue<C extends Command, Source> = Source extends 'operand'
  ? string
  : Value<Extract<C['options'][number], { readonly name: Source }>>;

/** The fields of control requests, each with the type of its value. */
export type RequestFields<C extends Command> = C extends {
  readonly request: { readonly fields: infer Fields };
}
  ? { readonly [F in keyof Fields]: FieldValue<C, Fields[F]> }
  : never;
