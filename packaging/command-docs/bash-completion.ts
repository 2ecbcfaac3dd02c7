import { readFileSync } from 'node:fs';
import {
  type ArgumentKind,
  allCommands,
  type CommandModel,
  type OptionModel,
  optionsOf,
  valueKind,
} from './command-model.ts';

const PLACES_FUNCTION = readFileSync(new URL('./places.bash', import.meta.url), 'utf8');

/** Writes a completion function for bash, which needs no other package. */
export function bashCompletion(model: CommandModel): string {
  const [name = ''] = model.words;
  const fn = `_${name.replaceAll('-', '_')}`;
  const commands = allCommands(model);
  const hasPlaces = commands.some(({ argumentKind }) => argumentKind !== 'files');
  return `# bash completion for ${name}
${hasPlaces ? PLACES_FUNCTION : ''}${fn}() {
  local program=\${1:-${name}} cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= i
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
  const isGroup = names.length > 0;
  const other = isGroup ? groupCompletion(command) : argumentCompletion(command.argumentKind);
  const otherwise = other === '' ? '' : ` [[ $cur == -* ]] || ${other};`;
  return `    '${pathOf(command)}') ${words([...names, ...flags])};${otherwise} ;;`;
}

/** A program that takes a site instead of a command. */
function groupCompletion({ argumentKind }: CommandModel): string {
  return argumentKind === 'sites' ? '__myftp_places "$program" sites more' : '';
}

function argumentCompletion(kind: ArgumentKind): string {
  if (kind === 'files') {
    return '{ compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); }';
  }
  const argument = kind === 'sites' ? 'sites' : 'places';
  const files = kind === 'places' ? ' files' : '';
  return `__myftp_places "$program" ${argument}${files}`;
}

function words(list: readonly string[]): string {
  return `mapfile -t COMPREPLY < <(compgen -W '${list.join(' ')}' -- "$cur")`;
}
