// The synopsis of a command: one text for each way to call it, as in "IP --reason TEXT [--json] [--policy FILE]".

import type { Command, Option } from '../reference/command.ts';

/** The text after the name of the command; empty if there is none. */
export function synopsis({ operands, options, policy }: Command): string[] {
  const common = policy === false ? [] : ['[--policy FILE]'];
  const single = options.filter(({ bulk }) => bulk === undefined);
  const form = (first: string, required: readonly Option[], optional: readonly Option[]) =>
    [first, ...required.map(optionForm), ...optional.map(bracketed), ...common]
      .filter((part) => part !== '')
      .join(' ');
  const forms = [form(operandForm(operands), single.filter(isRequired), single.filter(isOptional))];
  const bulk = options.filter((option) => option.bulk === 'required');
  if (bulk.length === 0) return forms;
  const required = [...bulk, ...single.filter(isRequired)];
  return [
    ...forms,
    form(
      '',
      required,
      options.filter((option) => !required.includes(option)),
    ),
  ];
}

/** `--rule R`, `--json` */
export function optionForm({ name, argument }: Option): string {
  return argument === undefined ? `--${name}` : `--${name} ${argument}`;
}

function bracketed(option: Option): string {
  if (option.type === 'choice') return `[--${option.name} ${option.choices.join('|')}]`;
  return `[${optionForm(option)}]${option.type === 'list' ? '...' : ''}`;
}

function operandForm(operands: Command['operands']): string {
  if (operands === undefined) return '';
  const { argument, choices = 'files', least, most } = operands;
  const word = `${choices === 'files' ? argument : choices.join('|')}${most > 1 ? '...' : ''}`;
  return least === 0 ? `[${word}]` : word;
}

function isRequired(option: Option): boolean {
  return option.required === true;
}

function isOptional(option: Option): boolean {
  return !isRequired(option);
}
