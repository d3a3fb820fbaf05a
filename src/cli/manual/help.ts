// The text of --help, for a terminal of 80 columns.

import type { Command, Option, Term } from '../reference/command.ts';
import { COMMON_OPTIONS } from '../reference/common-options.ts';
import { SUMMARY } from '../reference/program.ts';
import { COMMANDS } from '../reference/table.ts';
import { optionForm, synopsis } from './synopsis.ts';

const COLUMNS = 80;
/** A part that is not broken at its space: `[--rule R]`, `[--set KEY=VALUE]...`, `--reason TEXT`. */
const SYNOPSIS_PART = /\[[^\]]*\](?:\.{3})?|--[a-z]+ [A-Z]+|\S+/g;

/** The text of --help: for one command, or a summary of all. */
export function helpText(command?: Command): string {
  return command === undefined ? overview() : helpOf(command);
}

function overview(): string {
  const commands = COMMANDS.map(({ name, summary }) => ({ term: name, meaning: summary }));
  return joined([
    `postblock: ${SUMMARY}`,
    'Usage: postblock COMMAND [OPTION...]',
    section('Commands', commands),
    section('Options', COMMON_OPTIONS.map(optionTerm)),
    'postblock COMMAND --help describes one command.',
  ]);
}

function helpOf(command: Command): string {
  const { name, summary, description, options, signals, exits, examples } = command;
  const statuses = exits.map(({ status, meaning }) => ({ term: String(status), meaning }));
  return joined([
    `postblock ${name}: ${summary}`,
    synopsis(command)
      .map((text, index) => usage(index === 0 ? 'Usage:' : '   or:', name, text))
      .join('\n'),
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

function usage(word: string, name: string, form: string): string {
  return wrapped([`${word} postblock ${name}`, ...(form.match(SYNOPSIS_PART) ?? [])], ' '.repeat(10));
}

function optionTerm(option: Option): Term {
  return { term: optionForm(option), meaning: optionMeaning(option) };
}

/** The meaning of an option, whether it is required, and its default. */
export function optionMeaning(option: Option): string {
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

/** Words in lines of 80 columns, the first line after `start`, the others after `indent`. */
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
