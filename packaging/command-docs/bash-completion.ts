import {
  allCommands,
  type CommandModel,
  type OptionModel,
  optionsOf,
  valueKind,
} from './command-model.ts';

/** Writes a completion function for bash, which needs no other package. */
export function bashCompletion(model: CommandModel): string {
  const [name = ''] = model.words;
  const fn = `_${name.replaceAll('-', '_')}`;
  const commands = allCommands(model);
  return `# bash completion for ${name}
${fn}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command/\${COMP_WORDS[i]}" in
      ${commands.slice(1).map(pathOf).join(' | ')}) command+=/\${COMP_WORDS[i]} ;;
    esac
  done
  COMPREPLY=()
  case "$command $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
${commands.map(wordCase).join('\n')}
  esac
}
complete -F ${fn} ${name}
`;
}

function pathOf({ words }: CommandModel): string {
  return words
    .slice(1)
    .map((word) => `/${word}`)
    .join('');
}

function valueCases(command: CommandModel): string[] {
  return optionsOf(command)
    .filter(({ placeholder }) => placeholder !== undefined)
    .map((option) => {
      const patterns = option.flags.map((flag) => `'${pathOf(command)} ${flag}'`).join(' | ');
      return `    ${patterns}) ${valueCompletion(option)}; return ;;`;
    });
}

function valueCompletion(option: OptionModel): string {
  if (option.choices.length > 0) return words(option.choices);
  const kind = valueKind(option);
  if (kind === 'none') return ':';
  return `compopt -o filenames; mapfile -t COMPREPLY < <(compgen -${kind === 'file' ? 'f' : 'd'} -- "$cur")`;
}

function wordCase(command: CommandModel): string {
  const flags = optionsOf(command).flatMap((option) => option.flags);
  const names = command.commands.map((one) => one.words.at(-1) ?? '');
  // Most arguments of a command without others are paths, of this machine among them.
  const files =
    names.length > 0
      ? ''
      : ' [[ $cur == -* ]] || { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); };';
  return `    '${pathOf(command)}') ${words([...names, ...flags])};${files} ;;`;
}

function words(list: readonly string[]): string {
  return `mapfile -t COMPREPLY < <(compgen -W '${list.join(' ')}' -- "$cur")`;
}
