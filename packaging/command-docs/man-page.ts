import {
  type CommandModel,
  type OptionGroup,
  type OptionModel,
  optionsOf,
} from './command-model.ts';

export interface ManPage {
  readonly model: CommandModel;
  readonly section: 1 | 8;
  readonly version: string;
  readonly description: readonly string[];
  /** Sections after the options, by title: the name and the meaning of each entry. */
  readonly lists: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  readonly seeAlso: readonly string[];
}

const EXAMPLES_START = /^Examples:\n/;
const EXIT_CODES_START = /^Exit codes: /;

/** Writes a manual page in roff with the macros of man(7). */
export function manPage({ model, section, version, ...page }: ManPage): string {
  const [name = ''] = model.words;
  const paragraphs = model.notes.split('\n\n');
  const isNote = (text: string) => !EXAMPLES_START.test(text) && !EXIT_CODES_START.test(text);
  const lists = Object.entries(page.lists).map(
    ([title, entries]) =>
      `.SH ${title}\n${entries.map(([term, text]) => entry(term, text)).join('')}`,
  );
  return [
    `.TH ${name.toUpperCase()} ${section} "" "MyFTP ${version}" "MyFTP"\n`,
    `.SH NAME\n${plain(name)} \\- ${plain(uncapitalised(model.summary))}\n`,
    `.SH SYNOPSIS\n${model.usages.map((usage) => synopsis(name, usage)).join('')}`,
    `.SH DESCRIPTION\n${page.description.map((text) => `.PP\n${plain(text)}\n`).join('')}`,
    `.SH OPTIONS\n${model.optionGroups.map(optionGroup).join('')}`,
    `.SH COMMANDS\n${model.commands.flatMap(leaves).map(commandEntry).join('')}`,
    `.SH NOTES\n${paragraphs.filter(isNote).map(preformatted).join('.PP\n')}`,
    ...lists,
    notesSection('EXAMPLES', paragraphs, EXAMPLES_START),
    notesSection('EXIT STATUS', paragraphs, EXIT_CODES_START),
    `.SH SEE ALSO\n${page.seeAlso.map(plain).join(',\n')}\n`,
  ].join('');
}

function synopsis(name: string, usage: string): string {
  return `.br\n.B ${plain(name)}\n${plain(usage)}\n`;
}

function optionGroup({ title, options }: OptionGroup): string {
  return `.SS ${plain(title)}\n${options.map(optionEntry).join('')}`;
}

function optionEntry(option: OptionModel): string {
  return entry(flagsText(option), choicesText(option));
}

function flagsText({ flags, placeholder }: OptionModel): string {
  return `${flags.join(', ')}${placeholder === undefined ? '' : ` ${placeholder}`}`;
}

/** A summary that names its choices is enough. */
function choicesText({ summary, choices }: OptionModel): string {
  const isNamed = choices.every((choice) => summary.includes(choice));
  return isNamed ? summary : `${summary}: ${choices.join(', ')}`;
}

/** The commands that do something: a group like `user` only has others. */
function leaves(command: CommandModel): CommandModel[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function commandEntry(command: CommandModel): string {
  const { words, usages, summary } = command;
  const [usage = ''] = usages;
  const own = optionsOf(command).filter(({ flags }) => !flags.includes('--help'));
  // The settings of `serve` are those of the program.
  const options = words.at(-1) === 'serve' ? [] : own;
  const inner = options.map(optionEntry).join('');
  return `${entry(`${words.slice(1).join(' ')} ${usage}`, summary)}${inner === '' ? '' : `.RS\n${inner}.RE\n`}`;
}

function entry(term: string, text: string): string {
  return `.TP\n.B ${plain(term)}\n${plain(text)}\n`;
}

function notesSection(title: string, paragraphs: readonly string[], start: RegExp): string {
  const found = paragraphs.find((text) => start.test(text));
  return found === undefined ? '' : `.SH ${title}\n${preformatted(found.replace(start, ''))}`;
}

function preformatted(text: string): string {
  return `.nf\n${text.split('\n').map(plain).join('\n')}\n.fi\n`;
}

/** Text that roff takes as it is. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}

function uncapitalised(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`.replace(/\.$/, '');
}
