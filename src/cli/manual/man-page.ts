// The man page postblock(1), in the macros of man(7).

import type { Command, Option, Term } from '../reference/command.ts';
import { COMMON_OPTIONS } from '../reference/common-options.ts';
import { FILES, SUMMARY } from '../reference/program.ts';
import { COMMANDS } from '../reference/table.ts';
import { optionMeaning } from './help.ts';
import { optionForm, synopsis } from './synopsis.ts';

const DESCRIPTION: readonly string[] = [
  "postblock follows Postfix's mail log and counts abuse per client IP: rejected recipients, failed logins, connections that had to be dropped, and rejected messages. When an IP crosses a rule's limit, postblock answers Postfix's policy service with REJECT and the text of the rule, for the time that the rule says. Everyone else gets DUNNO. A block ends by itself; a client that continues is blocked again.",
  'The commands for the support desk speak to the running daemon over control.sock in the state directory, which its owner and its group may use. No command waits longer than 3 s for a daemon that does not answer. Then list and show read snapshot.json and audit.jsonl, and say how old that is; the others exit with status 69.',
];

const SEE_ALSO: readonly (readonly [page: string, section: string])[] = [
  ['jq', '1'],
  ['postconf', '5'],
  ['smtpd', '8'],
];

/** The escapes of characters that troff would otherwise print as others. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** @param date of the version, such as 2026-11-23 */
export function manPage(version: string, date: string): string {
  return [
    `.TH POSTBLOCK 1 "${date}" "postblock ${escaped(version)}" "User Commands"`,
    // Justified or hyphenated lines are hard to read at 80 columns, and options are hard to find in them.
    '.ad l',
    '.nh',
    '.SH NAME',
    `postblock \\- ${escaped(SUMMARY)}`,
    '.SH SYNOPSIS',
    COMMANDS.flatMap(synopsisLines).join('\n.br\n'),
    '.SH DESCRIPTION',
    ...paragraphs(DESCRIPTION),
    '.SH COMMANDS',
    ...COMMANDS.flatMap(section),
    '.SH OPTIONS',
    'Every command takes these.',
    ...COMMON_OPTIONS.flatMap(option),
    '.SH SIGNALS',
    '.B postblock serve',
    'takes these.',
    ...COMMANDS.flatMap(({ signals }) => signals ?? []).flatMap(item),
    '.SH FILES',
    ...FILES.flatMap(({ term, meaning }) => tagged(italic(term), meaning)),
    '.SH EXIT STATUS',
    ...exitStatus(),
    '.SH EXAMPLES',
    ...COMMANDS.flatMap(({ examples }) => examples).flatMap(example),
    '.SH SEE ALSO',
    `${SEE_ALSO.map(([page, number]) => `.BR ${page} (${number})`).join(' ,\n')}`,
    '.PP',
    'Postfix SMTP Access Policy Delegation: SMTPD_POLICY_README',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[\\\-'"`^~]/g, (character) => ESCAPES[character] ?? character).replace(/^\./, '\\&.');
}

/** Running text, with its options in bold. */
function prose(text: string): string {
  return escaped(text).replace(/(?<![\w-])(?:\\-){2}[a-z]+/g, '\\fB$&\\fR');
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

function italic(text: string): string {
  return `\\fI${escaped(text)}\\fR`;
}

/** Literal words in bold; placeholders, which are in capitals, in italics. */
function usage(text: string): string {
  return text.replace(/--[a-z]+(?: [A-Z]+)?|[a-z]+(?:\|[a-z]+)+|[A-Z]+/g, (part) => {
    const [word = '', argument] = part.split(' ');
    if (/^[A-Z]/.test(word)) return italic(word);
    return argument === undefined ? bold(word) : `${bold(word)}\\ ${italic(argument)}`;
  });
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text, index) => (index === 0 ? [prose(text)] : ['.PP', prose(text)]));
}

function tagged(tag: string, meaning: string): string[] {
  return ['.TP', tag, prose(meaning)];
}

function item({ term, meaning }: Term): string[] {
  return tagged(bold(term), meaning);
}

function option(entry: Option): string[] {
  return tagged(usage(optionForm(entry)), optionMeaning(entry));
}

function synopsisLines(command: Command): string[] {
  return synopsis(command).map((text) => `${bold(`postblock ${command.name}`)} ${usage(text)}`.trimEnd());
}

function section(command: Command): string[] {
  const { name, description, options } = command;
  const forms = synopsis(command).map((text) => `${bold(name)} ${usage(text)}`.trimEnd());
  return [
    `.SS ${name}`,
    forms.join('\n.br\n'),
    '.PP',
    ...paragraphs(description),
    ...options.flatMap(option),
  ];
}

/** One entry for each status: its meaning for most commands, then for some. */
function exitStatus(): string[] {
  const statuses = new Set(COMMANDS.flatMap(({ exits }) => exits.map(({ status }) => status)));
  return [...statuses]
    .sort((a, b) => a - b)
    .flatMap((status) => tagged(bold(String(status)), `${meaningsOf(status).join('; ')}.`));
}

function meaningsOf(status: number): string[] {
  const names = new Map<string, string[]>();
  for (const { name, exits } of COMMANDS) {
    const meaning = exits.find((exit) => exit.status === status)?.meaning;
    if (meaning !== undefined) names.set(meaning, [...(names.get(meaning) ?? []), name]);
  }
  return [...names]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([meaning, commands], index) =>
      index === 0 && commands.length > 3 ? meaning : `${commands.join(', ')}: ${meaning}`,
    );
}

function example({ term, meaning }: Term, index: number): string[] {
  const sentence = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}:`;
  return [
    ...(index === 0 ? [] : ['.PP']),
    prose(sentence),
    '.PP',
    '.RS 4',
    '.EX',
    escaped(term),
    '.EE',
    '.RE',
  ];
}
