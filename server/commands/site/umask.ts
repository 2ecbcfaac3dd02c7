import { formatMode, parseUmask } from '../../config/creation-parsers.ts';
import type { Command } from '../../contract/command.ts';
import { reply } from '../../contract/reply.ts';
import { type CreationRules, modesOfUmask } from '../../disk/creation-rules.ts';
import { ArgumentError } from '../../errors/errors.ts';
import { WrongFormError } from '../../errors/wrong-form.ts';
import { processUmask } from '../../system/process-umask.ts';

/** SITE UMASK: shows or sets the modes of what the session creates. */
export const umask: Command = {
  verb: 'UMASK',
  argument: 'optional',
  syntax: 'SITE UMASK [<SP> umask]',
  summary: 'show or set the umask of new files',
  features: () => ['SITE UMASK'],
  handle({ files }, argument) {
    if (argument !== '') files.setUmask(umaskIn(argument));
    return reply(200, textOf(files.creationRules));
  },
};

function umaskIn(text: string): number {
  try {
    return parseUmask(text);
  } catch (error) {
    throw error instanceof WrongFormError ? new ArgumentError(error.message) : error;
  }
}

/** The umask is named if both modes follow from one. */
function textOf(rules: CreationRules): string {
  const unmasked = modesOfUmask(processUmask());
  const { fileMode = unmasked.fileMode, directoryMode = unmasked.directoryMode } = rules;
  const umask = 0o777 & ~directoryMode;
  const isUmask = modesOfUmask(umask).fileMode === fileMode && directoryMode <= 0o777;
  const name = isUmask ? `The umask is ${formatMode(umask)}: new` : 'New';
  return `${name} files have mode ${formatMode(fileMode)}, new directories ${formatMode(directoryMode)}.`;
}
