import {
  allCommands,
  type CommandModel,
  type OptionModel,
  optionsOf,
  valueKind,
} from './command-model.ts';

/** Writes a completion function for zsh: one function for each command. */
export function zshCompletion(model: CommandModel): string {
  const [name = ''] = model.words;
  const functions = allCommands(model).map(functionOf).join('\n');
  return `#compdef ${name}\n\n${functions}\n${functionName(model)} "$@"\n`;
}

function functionName({ words }: CommandModel): string {
  return `_${words.join('_').replaceAll('-', '_')}`;
}

function functionOf(command: CommandModel): string {
  const specs = optionsOf(command).flatMap(optionSpecs);
  const { commands } = command;
  if (commands.length === 0) {
    return `${functionName(command)}() {\n  _arguments -s ${[...specs, "'*:path:_files'"].join(' \\\n    ')}\n}\n`;
  }
  const descriptions = commands.map(({ words, summary }) => quoted(`${words.at(-1)}:${summary}`));
  const cases = commands.map((one) => `        ${one.words.at(-1)}) ${functionName(one)} ;;`);
  return `${functionName(command)}() {
  local state line
  _arguments -C -s ${[...specs, "'1: :->command'", "'*:: :->arguments'"].join(' \\\n    ')}
  case $state in
    command)
      local -a commands=(
        ${descriptions.join('\n        ')}
      )
      _describe -t commands command commands
      ;;
    arguments)
      case $line[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}
`;
}

function optionSpecs(option: OptionModel): string[] {
  const summary = option.summary.replaceAll(/[[\]]/g, '\\$&').replaceAll(':', '\\:');
  return option.flags.map((flag) => quoted(`${flag}[${summary}]${valueSpec(option)}`));
}

function valueSpec(option: OptionModel): string {
  if (option.placeholder === undefined) return '';
  const label = option.placeholder.replaceAll(/[<>[\]:]/g, '');
  if (option.choices.length > 0) return `:${label}:(${option.choices.join(' ')})`;
  const kind = valueKind(option);
  if (kind === 'none') return `:${label}: `;
  return `:${label}:_files${kind === 'directory' ? ' -/' : ''}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
