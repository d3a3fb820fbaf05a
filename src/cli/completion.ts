// Completion of commands and options: scripts for bash and zsh.

import { COMMANDS, COMMON_OPTIONS, isList, type Shell } from './reference/manual.ts';
import type { CommandManual, OptionManual } from './reference/manual-entry.ts';

export function completion(shell: Shell): string {
  return shell === 'bash' ? bash() : zsh();
}

const ALL_OPTIONS: readonly OptionManual[] = [
  ...COMMON_OPTIONS,
  ...COMMANDS.flatMap(({ options }) => options),
];

function dashed({ name }: OptionManual): string {
  return `--${name}`;
}

function bash(): string {
  const valued = unique(ALL_OPTIONS.filter(({ argument }) => argument !== undefined).map(dashed));
  return `# bash completion for postblock: source <(postblock completion bash)

_postblock() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' skip='' files='' words word
  # bash makes three words of --option=value
  if [[ $cur == '=' ]]; then cur=''
  elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case $word in
      ${['=', ...valued].join(' | ')}) skip=1 ;;
      *) if [[ $skip ]]; then skip=''; elif [[ $word != -* ]]; then command=$word; break; fi ;;
    esac
  done
  case $prev in
${valueCases(valued)}
  esac
  case $command in
    '') words='${[...COMMANDS.map(({ name }) => name), ...COMMON_OPTIONS.map(dashed)].join(' ')}' ;;
${COMMANDS.map(commandCase).join('\n')}
    *) words='' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  if [[ $files && $cur != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -F _postblock postblock
`;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** After an option that takes a value: its choices, files, or nothing where only the user knows. */
function valueCases(valued: readonly string[]): string {
  const cases: string[] = [];
  const chosen = new Set<string>();
  for (const option of ALL_OPTIONS) {
    if (option.argument === undefined || option.choices === undefined || chosen.has(option.name)) continue;
    chosen.add(option.name);
    cases.push(`    ${dashed(option)}) ${bashValues(option.choices)}; return ;;`);
  }
  const free = valued.filter((option) => !chosen.has(option.slice(2)));
  return [...cases, `    ${free.join(' | ')}) COMPREPLY=(); return ;;`].join('\n');
}

function bashValues(choices: 'files' | readonly string[]): string {
  if (choices !== 'files') return `mapfile -t COMPREPLY < <(compgen -W '${choices.join(' ')}' -- "$cur")`;
  return 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur")';
}

function commandCase({ name, words = [], options }: CommandManual): string {
  const [known, files] = words === 'files' ? [[], ' files=1'] : [words, ''];
  return `    ${name}) words='${[...known, ...[...options, ...COMMON_OPTIONS].map(dashed)].join(' ')}'${files} ;;`;
}

function zsh(): string {
  const commands = COMMANDS.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef postblock
# zsh completion for postblock: source <(postblock completion zsh), after compinit

_postblock() {
  local curcontext=$curcontext state line
  local -a commands=(
${commands.join('\n')}
  )
  local -a common=(
${COMMON_OPTIONS.map((option) => `    ${zshOption(option)}`).join('\n')}
  )
  _arguments -C $common '1:command:->command' '*::argument:->argument' && return
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${COMMANDS.map(zshCommand).join('\n')}
      esac ;;
  esac
}

if [[ $funcstack[1] == _postblock ]]; then _postblock "$@"; else compdef _postblock postblock; fi
`;
}

function zshCommand({ name, words, options }: CommandManual): string {
  const lines = [...options.map(zshOption), ...zshOperand(words)].map((text) => ` \\\n          ${text}`);
  return `        ${name}) _arguments $common${lines.join('')} ;;`;
}

function zshOperand(words: CommandManual['words']): string[] {
  if (words === undefined) return [];
  return [words === 'files' ? "'*:file:_files'" : `'1:word:(${words.join(' ')})'`];
}

function zshOption(option: OptionManual): string {
  const meaning = option.meaning.replace(/[[\]:\\]/g, '\\$&');
  if (option.argument === undefined) return quoted(`--${option.name}[${meaning}]`);
  const again = isList(option) ? '*' : '';
  return quoted(`${again}--${option.name}=[${meaning}]:${option.argument}:${zshValues(option.choices)}`);
}

function zshValues(choices: 'files' | readonly string[] | undefined): string {
  if (choices === undefined) return '';
  return choices === 'files' ? '_files' : `(${choices.join(' ')})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
