import { readFileSync } from 'node:fs';
import {
  allCommands,
  type CommandModel,
  type OptionModel,
  optionsOf,
  valueKind,
} from './command-model.ts';

const PLACES_FUNCTION = readFileSync(new URL('./places.zsh', import.meta.url), 'utf8');

/** Writes a completion function for zsh: one function for each command. */
export function zshCompletion(model: CommandModel): string {
  const [name = ''] = model.words;
  const functions = allCommands(model).map(functionOf).join('\n');
  return `#compdef ${name}\n\n${placesFunction(model)}${functions}\n${functionName(model)} "$@"\n`;
}

function functionName({ words }: CommandModel): string {
  return `_${words.join('_').replaceAll('-', '_')}`;
}

function functionOf(command: CommandModel): string {
  const specs = optionsOf(command).flatMap(optionSpecs);
  const { commands } = command;
  if (commands.length === 0) {
    return `${functionName(command)}() {\n  _arguments -s ${[...specs, argumentSpec(command)].join(' \\\n    ')}\n}\n`;
  }
  const descriptions = commands.map(({ words, summary }) => quoted(`${words.at(-1)}:${summary}`));
  const cases = commands.map((one) => `        ${one.words.at(-1)}) ${functionName(one)} ;;`);
  const sites = command.argumentKind === 'sites' ? '\n      __myftp_places sites' : '';
  return `${functionName(command)}() {
  local state line
  _arguments -C -s ${[...specs, "'1: :->command'", "'*:: :->arguments'"].join(' \\\n    ')}
  case $state in
    command)
      local -a commands=(
        ${descriptions.join('\n        ')}
      )
      _describe -t commands command commands${sites}
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

function argumentSpec({ argumentKind: kind }: CommandModel): string {
  if (kind === 'files') return "'*:path:_files'";
  const argument = kind === 'sites' ? 'sites' : 'places';
  return `'*:${argument}: __myftp_places ${argument}${kind === 'places' ? ' files' : ''}'`;
}

function placesFunction(model: CommandModel): string {
  const hasPlaces = allCommands(model).some(({ argumentKind }) => argumentKind !== 'files');
  return hasPlaces ? PLACES_FUNCTION : '';
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
