// The form of a command in the table, and the types that follow from its entry.

/** All texts are ASCII, without markup. */
interface AnyOption {
  /** without the dashes */
  readonly name: string;
  readonly meaning: string;
  /** belongs to the call without operands, for many clients at once; the required flag among these chooses that call */
  readonly bulk?: 'required' | 'optional';
}

interface Flag extends AnyOption {
  readonly type: 'flag';
  readonly argument?: never;
  readonly required?: never;
}

interface ValuedOption extends AnyOption {
  /** list: may be given more than once; duration: such as 1h30m, parsed to ms */
  readonly type: 'text' | 'list' | 'duration' | 'file';
  /** what its value is called */
  readonly argument: string;
  /** what holds without it, as help says it */
  readonly default?: string;
  /** the command does nothing without it */
  readonly required?: true;
}

interface ChoiceOption extends AnyOption {
  readonly type: 'choice';
  readonly argument: string;
  readonly choices: readonly string[];
  /** the value without it */
  readonly default: string;
  readonly required?: never;
}

export type Option = Flag | ValuedOption | ChoiceOption;

/** The words that follow a command's name. */
interface Operands {
  readonly argument: string;
  readonly least: number;
  readonly most: number;
  /** the words that it takes, where they are few, or files */
  readonly choices?: 'files' | readonly string[];
}

/** The control request that a command becomes. */
interface Request {
  /** change: is recorded with who asks and why; follow: the connection stays open for what happens then */
  readonly effect: 'read' | 'change' | 'follow';
  /** fields of the request, each with the option that gives its value; operand: the first operand, a text */
  readonly fields: Readonly<Record<string, string>>;
}

/** A word and what it stands for: a signal, a file, an example. */
export interface Term {
  readonly term: string;
  readonly meaning: string;
}

export interface ExitStatus {
  readonly status: number;
  readonly meaning: string;
}

/** A command: what it takes, what it asks of the daemon, and its manual. Paragraphs are not broken into lines. */
export interface Command {
  readonly name: string;
  /** one line */
  readonly summary: string;
  /** paragraphs */
  readonly description: readonly string[];
  readonly operands?: Operands;
  /** beside the common ones */
  readonly options: readonly Option[];
  /** false: does not read policy.yml */
  readonly policy?: false;
  /** absent: does not need the daemon */
  readonly request?: Request;
  readonly signals?: readonly Term[];
  readonly exits: readonly ExitStatus[];
  readonly examples: readonly Term[];
}

type Value<O extends Option> = O extends { readonly type: 'flag' }
  ? boolean
  : O extends { readonly type: 'list' }
    ? readonly string[]
    : O extends { readonly type: 'duration' }
      ? number
      : O extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string;

type IsSet<O extends Option> = O extends
  | { readonly type: 'flag' | 'list' | 'choice' }
  | { readonly required: true }
  ? true
  : false;

/** The values of a command's options by their names, parsed: flags false and lists empty where they are not given. */
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

/** The fields of the requests that commands become, each with the type of its value. */
export type RequestFields<C extends Command> = C extends {
  readonly request: { readonly fields: infer Fields };
}
  ? { readonly [F in keyof Fields]: FieldValue<C, Fields[F]> }
  : never;
