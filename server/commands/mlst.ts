import type { Command } from '../contract/command.ts';
import { multilineReply } from '../contract/reply.ts';
import { MACHINE_FACTS, machineFacts } from '../listing/machine-facts.ts';

/** MLST: the facts of one file or directory, over the control connection (RFC 3659 §7). */
export const mlst: Command = {
  verb: 'MLST',
  argument: 'optional',
  syntax: 'MLST [<SP> pathname]',
  summary: 'report the facts of a file or directory',
  features: ({ parameters: { machineFacts: selected = MACHINE_FACTS } }) => [
    `MLST ${MACHINE_FACTS.map((fact) => `${fact}${selected.includes(fact) ? '*' : ''};`).join('')}`,
  ],
  async handle(session, pathname) {
    const path = session.files.resolve(pathname);
    const facts = { ...(await session.files.get(path)), name: path };
    const { machineFacts: selected } = session.parameters;
    const permissions = session.files.permissionsAt(path, facts.kind);
    const options = { permissions, ...(selected && { selected }) };
    return multilineReply(250, ['Facts:', machineFacts(facts, options), 'End.']);
  },
};
