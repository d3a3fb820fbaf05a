// The text of --help, for a terminal of 80 columns.

import { COMMANDS, COMMON_OPTIONS, SUMMARY } from './reference/manual.ts';
import type { CommandManual, OptionManual, Term } from './reference/manual-entry.ts';

const COLUMNS = 80;
/** What must not be broken at its blank: `[--rule R]`, `[--set KEY=VALUE]...`, `--reason TEXT`. */
const SYNOPSIS_PART = /\[[^\]]*\](?:\.{3})?|--[a-z]+ [A-Z]+|\S+/g;

/** What --help prints: of a command, or of all in short. */
export function helpText(command?: CommandManual): string {
  return command === undefined ? overview() : helpOf(command);
}

function overview(): string {
  const commands = COMMANDS.map(({ name, summary }) => ({ term: name, meaning: summary }));
  return joined([
    `postblock: ${SUMMARY}`,
    'Usage: postblock COMMAND [OPTION...]',
    section('Commands', commands),
    section('Options', COMMON_OPTIONS.map(optionTerm)),
    'postblock COMMAND --help tells more of each.',
  ]);
}

function helpOf({ name, summary, synopsis, description, options, signals, exits, examples }: CommandManual) {
  const statuses = exits.map(({ status, meaning }) => ({ term: String(status), meaning }));
  return joined([
    `postblock ${name}: ${summary}`,
    synopsis.map((text, index) => usage(index === 0 ? 'Usage:' : '   or:', name, text)).join('\n'),
    ...description.map((paragraph) => wrapped(paragraph.split(' '), '')),
    section('Options', [...options, ...COMMON_OPTIONS].map(optionTerm)),
    ...(signals === undefined ? [] : [section('Signals', signals)]),
    section('Exit status', statuses),
    `Examples:\n${examples.map(example).join('\n')}`,
  ]);
}

function joined(blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}

function usage(word: string, name: string, synopsis: string): string {
  return wrapped([`${word} postblock ${name}`, ...(synopsis.match(SYNOPSIS_PART) ?? [])], ' '.repeat(10));
}

function optionTerm(option: OptionManual): Term {
  return { term: optionForm(option), meaning: optionMeaning(option) };
}

/** `--rule R` */
export function optionForm({ name, argument }: OptionManual): string {
  return argument === undefined ? `--${name}` : `--${name} ${argument}`;
}

/** The meaning with what the form does not say: whether it is required, and what holds without it. */
export function optionMeaning(option: OptionManual): string {
  if (option.argument === undefined) return option.meaning;
  if (option.required) return `${option.meaning} (required)`;
  return option.default === undefined ? option.meaning : `${option.meaning} (default: ${option.default})`;
}

function section(title: string, terms: readonly Term[]): string {
  const width = Math.max(...terms.map(({ term }) => term.length)) + 2;
  const lines = terms.map(({ term, meaning }) => {
    const start = `  ${term.padEnd(width)}`;
    return wrapped(meaning.split(' '), ' '.repeat(start.length), start);
  });
  return `${title}:\n${lines.join('\n')}`;
}

function example({ term, meaning }: Term): string {
  return `  ${meaning}:\n    ${term}`;
}

/** Words in lines of 80 columns, the first behind `start`, the others behind `indent`. */
function wrapped(words: readonly string[], indent: string, start = ''): string {
  const lines: string[] = [];
  let line = start;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}
