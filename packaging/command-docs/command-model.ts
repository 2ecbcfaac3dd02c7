import type { Argument, Command, Option } from 'commander';

/** A command of a program as data, for man pages and completions. */
export interface CommandModel {
  /** The words in front of the options, the program's name first: `['myftp-server', 'user', 'add']`. */
  readonly words: readonly string[];
  readonly summary: string;
  /** Usage lines without the program's name; a program may have several. */
  readonly usages: readonly string[];
  readonly arguments: readonly string[];
  /** The words that a shell offers as arguments. */
  readonly argumentKind: ArgumentKind;
  readonly optionGroups: readonly OptionGroup[];
  readonly commands: readonly CommandModel[];
  /** Text that `--help` shows after the options. */
  readonly notes: string;
}

/**
 * `places`: sites and paths on servers, and files of this machine; `remote`: the former only; `sites`: names of sites.
 */
export type ArgumentKind = 'files' | 'places' | 'remote' | 'sites';

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionModel[];
}

export interface OptionModel {
  /** `-r`, `--recursive` or both, the short one first. */
  readonly flags: readonly string[];
  /** `<dir>`; undefined if the option takes no value. */
  readonly placeholder: string | undefined;
  readonly summary: string;
  /** The values that it can have; empty if they are not a list. */
  readonly choices: readonly string[];
}

/** Gives the choices of an option that commander does not know. */
type ChoicesOf = (longFlag: string) => readonly string[];

/** A program whose output is gathered here. */
export interface DocumentedProgram {
  readonly program: Command;
  /** Returns and forgets what the program has written. */
  takeOutput(): string;
  readonly choicesOf: ChoicesOf;
  /** By the name of an argument, or of the command and it; those that are missing are files. */
  readonly argumentKinds: Readonly<Record<string, ArgumentKind>>;
}

/** Describes a program and all of its commands. */
export function modelOf(documented: DocumentedProgram): CommandModel {
  return describe(documented.program, [documented.program.name()], documented);
}

function describe(
  command: Command,
  words: readonly string[],
  documented: DocumentedProgram,
): CommandModel {
  const help = command.createHelp();
  const prefix = new RegExp(`^\\s*${words[0]}\\s`);
  return {
    words,
    summary: command.description(),
    usages: command
      .usage()
      .split('\n')
      .map((line) => line.replace(prefix, '').trim()),
    arguments: command.registeredArguments.map(argumentName),
    argumentKind: argumentKind(command, documented),
    optionGroups: groupsOf([...help.visibleOptions(command)], documented.choicesOf),
    commands: help
      .visibleCommands(command)
      .filter((one) => one.name() !== 'help')
      .map((one) => describe(one, [...words, one.name()], documented)),
    notes: notesOf(command, documented),
  };
}

function argumentKind(command: Command, { argumentKinds }: DocumentedProgram): ArgumentKind {
  const name = command.registeredArguments.at(0)?.name() ?? '';
  return argumentKinds[`${command.name()} ${name}`] ?? argumentKinds[name] ?? 'files';
}

function groupsOf(options: readonly Option[], choicesOf: ChoicesOf): OptionGroup[] {
  const groups = new Map<string, OptionModel[]>();
  for (const option of options) {
    const title = (option.helpGroupHeading ?? 'Options:').replace(/:$/, '');
    groups.set(title, [...(groups.get(title) ?? []), optionModel(option, choicesOf)]);
  }
  return [...groups].map(([title, members]) => ({ title, options: members }));
}

function optionModel(option: Option, choicesOf: ChoicesOf): OptionModel {
  const [, placeholder] = /\s([<[].*[>\]])$/.exec(option.flags) ?? [];
  const { long } = option;
  return {
    flags: [option.short, long].filter((flag) => typeof flag === 'string'),
    placeholder,
    summary: option.description,
    choices: option.argChoices ?? (typeof long === 'string' ? choicesOf(long) : []),
  };
}

function argumentName(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** Commander keeps these texts in listeners; only the help as a whole can be had. */
function notesOf(command: Command, { takeOutput }: DocumentedProgram): string {
  takeOutput();
  command.outputHelp();
  return takeOutput().slice(command.helpInformation().length).trim();
}

/** A command and all below it. */
export function allCommands(model: CommandModel): CommandModel[] {
  return [model, ...model.commands.flatMap(allCommands)];
}

export function optionsOf({ optionGroups }: CommandModel): OptionModel[] {
  return optionGroups.flatMap(({ options }) => options);
}

/** What a shell can offer as the value of an option. */
export function valueKind({ placeholder = '' }: OptionModel): 'file' | 'directory' | 'none' {
  if (placeholder.startsWith('<file')) return 'file';
  return /^<dir(ectory)?>/.test(placeholder) ? 'directory' : 'none';
}
