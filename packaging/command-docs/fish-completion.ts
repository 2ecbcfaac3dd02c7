import { type CommandModel, type OptionModel, optionsOf, valueKind } from './command-model.ts';

/** Writes completions for fish, one line for each word. */
export function fishCompletion(model: CommandModel): string {
  const [name = ''] = model.words;
  return `# fish completions for ${name}\n${linesOf(model).join('\n')}\n`;
}

function linesOf(command: CommandModel): string[] {
  const [name = ''] = command.words;
  const condition = conditionOf(command);
  const start = `complete -c ${name}${condition === '' ? '' : ` -n ${quoted(condition)}`}`;
  const names = command.commands.map(
    (one) => `${start} -f -a ${one.words.at(-1)} -d ${quoted(one.summary)}`,
  );
  const options = optionsOf(command).map((option) => `${start} ${optionText(option)}`);
  const places = placesOf(command).map((text) => `${start} ${text}`);
  return [...names, ...options, ...places, ...command.commands.flatMap(linesOf)];
}

/** What stands for the command's arguments; fish offers files by itself. */
function placesOf({ words: [name = ''], argumentKind: kind }: CommandModel): string[] {
  if (kind === 'files') return [];
  const argument = kind === 'sites' ? 'sites' : 'places';
  const call = `${name} complete-word ${argument} (commandline -ct | string unescape) < /dev/null 2> /dev/null`;
  return [`${kind === 'places' ? '' : '-f '}-a ${quoted(`(${call})`)}`];
}

/** True where the words of the command were written, and none of a command below it. */
function conditionOf({ words, commands }: CommandModel): string {
  const seen = words.slice(1).map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = commands.map((one) => one.words.at(-1));
  const none = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`];
  return [...seen, ...none].join('; and ');
}

function optionText(option: OptionModel): string {
  const flags = option.flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  return [...flags, ...valueText(option), `-d ${quoted(option.summary)}`].join(' ');
}

function valueText(option: OptionModel): string[] {
  if (option.placeholder === undefined) return [];
  if (option.choices.length > 0) return ['-x', `-a ${quoted(option.choices.join(' '))}`];
  const kind = valueKind(option);
  if (kind === 'file') return ['-r', '-F'];
  return kind === 'directory' ? ['-x', "-a '(__fish_complete_directories)'"] : ['-x'];
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
