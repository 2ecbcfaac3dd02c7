import type { Command } from '../../contract/command.ts';
import { reply } from '../../contract/reply.ts';
import { ArgumentError } from '../../errors/errors.ts';

/** SITE CHMOD: sets the permissions of a file or directory. */
export const chmod: Command = {
  verb: 'CHMOD',
  argument: 'required',
  syntax: 'SITE CHMOD <SP> mode <SP> pathname',
  summary: 'set the permissions of a file',
  features: () => ['SITE CHMOD'],
  async handle(session, argument) {
    const [, mode = '', pathname = ''] = /^ *([0-7]{3,4}) (.+)$/.exec(argument) ?? [];
    if (!/^0?[0-7]{3}$/.test(mode)) {
      throw new ArgumentError('The argument is a mode of three octal digits and a pathname.');
    }
    const changed = await session.files.chmod(pathname, mode);
    const digits = changed.mode.toString(8).padStart(3, '0');
    const isAsked = changed.mode === Number.parseInt(mode, 8);
    const note = isAsked ? '' : ' The owner of a directory keeps all rights to it.';
    return reply(200, `${changed.path} has mode ${digits}.${note}`);
  },
};
