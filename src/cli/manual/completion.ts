// Completion of commands and options: scripts for bash and zsh.

import type { Command, Option, WordSource } from '../reference/command.ts';
import { COMMON_OPTIONS } from '../reference/common-options.ts';
import { type Call, COMMANDS } from '../reference/table.ts';

export type Shell = Exclude<Call<'completion'>['operands'][number], 'rules' | 'blocked'>;

export function completion(shell: Shell): string {
  return shell === 'bash' ? bash() : zsh();
}

const ALL_OPTIONS: readonly Option[] = [...COMMON_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)];

function dashed({ name }: Option): string {
  return `--${name}`;
}

/** The possible values: few, files, or what `postblock completion` prints; undefined if only the user knows them. */
type Choices = 'files' | 'rules' | 'blocked' | readonly string[] | undefined;

function choicesOf(option: Option): Choices {
  if (option.type === 'file') return 'files';
  return option.type === 'choice' ? option.choices : wordsOf(option.words);
}

function operandChoices({ operands }: Command): Choices {
  return operands?.choices ?? wordsOf(operands?.words);
}

function wordsOf(source: WordSource | undefined): Choices {
  return source === 'commands' ? COMMANDS.map(({ name }) => name) : source;
}

function bash(): string {
  const valued = unique(ALL_OPTIONS.filter(({ argument }) => argument !== undefined).map(dashed));
  return `# bash completion for postblock: source <(postblock completion bash)

_postblock_words() {
  local i policy=()
  for ((i = 1; i < COMP_CWORD - 1; i++)); do
    [[ \${COMP_WORDS[i]} == --policy ]] || continue
    [[ \${COMP_WORDS[++i]} != '=' ]] || ((++i))
    policy=(--policy "\${COMP_WORDS[i]/#\\~/$HOME}")
  done
  "\${COMP_WORDS[0]}" completion "$1" "\${policy[@]}" 2>/dev/null
}

_postblock() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' skip='' files='' blocked='' words word typed
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
  if [[ $blocked && $cur != -* ]]; then
    # bash makes words of the groups of an IPv6 address
    typed=\${COMP_LINE-}
    typed=\${typed:0:\${COMP_POINT:-0}}
    typed=\${typed##*[[:space:]]}
    [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] || typed=$cur
    mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$(_postblock_words blocked)" -- "$typed")
    [[ $typed != *:* ]] || COMPREPLY=("\${COMPREPLY[@]#"\${typed%"\${typed##*:}"}"}")
  fi
}
complete -F _postblock postblock
`;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** After an option that takes a value: its choices, files, or nothing if only the user knows the value. */
function valueCases(valued: readonly string[]): string {
  const cases: string[] = [];
  const chosen = new Set<string>();
  for (const option of ALL_OPTIONS) {
    const choices = choicesOf(option);
    if (choices === undefined || chosen.has(option.name)) continue;
    chosen.add(option.name);
    cases.push(`    ${dashed(option)}) ${bashValues(choices)}; return ;;`);
  }
  const free = valued.filter((option) => !chosen.has(option.slice(2)));
  return [...cases, `    ${free.join(' | ')}) COMPREPLY=(); return ;;`].join('\n');
}

function bashValues(choices: NonNullable<Choices>): string {
  if (choices === 'files')
    return 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur")';
  const words = typeof choices === 'string' ? `"$(_postblock_words ${choices})"` : `'${choices.join(' ')}'`;
  return `mapfile -t COMPREPLY < <(compgen -W ${words} -- "$cur")`;
}

function commandCase(command: Command): string {
  const { name, options } = command;
  const choices = operandChoices(command) ?? [];
  const [known, more] = typeof choices === 'string' ? [[], ` ${choices}=1`] : [choices, ''];
  return `    ${name}) words='${[...known, ...[...options, ...COMMON_OPTIONS].map(dashed)].join(' ')}'${more} ;;`;
}

function zsh(): string {
  const commands = COMMANDS.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef postblock
# zsh completion for postblock: source <(postblock completion zsh), after compinit

_postblock_words() {
  # _arguments puts the options of compadd first
  local -a found=(\${(f)"$($program completion $argv[-1] $policy 2>/dev/null)"})
  (( $#found )) && compadd "\${(@)argv[1,-2]}" -a found
}

_postblock() {
  local curcontext=$curcontext state line program=$words[1]
  local -a policy=(\${(M)words:#--policy=*})
  (( $words[(I)--policy] )) && policy=(--policy $words[$words[(I)--policy]+1])
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

function zshCommand(command: Command): string {
  const { name, options } = command;
  const lines = [...options.map(zshOption), ...zshOperand(command)].map((text) => ` \\\n          ${text}`);
  return `        ${name}) _arguments $common${lines.join('')} ;;`;
}

function zshOperand(command: Command): string[] {
  if (command.operands === undefined) return [];
  const choices = operandChoices(command);
  // Without a specification of its operand, _arguments completes nothing after one.
  if (choices === undefined) return [quoted(`*:${command.operands.argument}:{:}`)];
  const place = typeof choices === 'string' ? '*' : '1';
  return [quoted(`${place}:word:${zshValues(choices)}`)];
}

function zshOption(option: Option): string {
  const meaning = option.meaning.replace(/[[\]:\\]/g, '\\$&');
  if (option.argument === undefined) return quoted(`--${option.name}[${meaning}]`);
  const again = option.type === 'list' ? '*' : '';
  return quoted(`${again}--${option.name}=[${meaning}]:${option.argument}:${zshValues(choicesOf(option))}`);
}

function zshValues(choices: Choices): string {
  if (choices === undefined) return '';
  if (choices === 'files') return '_files';
  return typeof choices === 'string' ? `_postblock_words ${choices}` : `(${choices.join(' ')})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
