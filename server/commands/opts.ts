import { isChecksumAlgorithm } from '../checksums/checksum-names.ts';
import type { Command } from '../contract/command.ts';
import { type Reply, reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { ArgumentError, ParameterNotSupportedError } from '../errors/errors.ts';
import { MACHINE_FACTS } from '../listing/machine-facts.ts';

/** OPTS: choices for other verbs (RFC 2389 §4): UTF8, MLST, HASH, RECEIPT. */
export const opts: Command = {
  verb: 'OPTS',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'OPTS <SP> verb [<SP> options]',
  summary: 'choose options of another command',
  features: () => ['RECEIPT'],
  handle(session, argument) {
    const [verb = '', ...options] = argument.split(/ +/);
    switch (verb.toUpperCase()) {
      case 'UTF8':
      case 'UTF-8':
        return chooseUtf8(options);
      case 'MLST':
        return chooseFacts(session, options.join(' '));
      case 'HASH':
        return chooseHash(session, options);
      case 'RECEIPT':
        return chooseReceipts(session, options);
      default:
        throw new ArgumentError('OPTS supports UTF8, MLST, HASH and RECEIPT.');
    }
  },
};

/** Names are UTF-8 always (RFC 2640 §3.1). */
function chooseUtf8([choice = 'ON']: string[]): Reply {
  if (choice.toUpperCase() === 'ON') return reply(200, 'UTF-8 enabled.');
  throw new ParameterNotSupportedError('Names are always UTF-8.');
}

/** RFC 3659 §7.9: unknown facts are ignored, and the reply lists the selected ones. */
function chooseFacts(session: SessionContext, list: string): Reply {
  const wanted = list.toLowerCase().split(';');
  const facts = MACHINE_FACTS.filter((fact) => wanted.includes(fact.toLowerCase()));
  session.parameters.machineFacts = facts;
  const chosen = facts.map((fact) => `${fact};`).join('');
  return reply(200, `MLST OPTS ${chosen}`.trimEnd());
}

/** draft-bryan-ftpext-hash §3.2. */
function chooseHash(session: SessionContext, [name]: string[]): Reply {
  if (name === undefined) return reply(200, session.parameters.hashAlgorithm);
  const algorithm = name.toUpperCase();
  if (!isChecksumAlgorithm(algorithm)) {
    throw new ParameterNotSupportedError('Unknown algorithm; send FEAT for the supported ones.');
  }
  session.parameters.hashAlgorithm = algorithm;
  return reply(200, algorithm);
}

/** An extension of MyFTP: final replies of transfers carry the digest, the size and the number of the receipt. */
function chooseReceipts(session: SessionContext, [choice, ...more]: string[]): Reply {
  const state = choice?.toUpperCase() ?? (session.parameters.wantsReceipts ? 'ON' : 'OFF');
  if (more.length > 0 || (state !== 'ON' && state !== 'OFF')) {
    throw new ArgumentError('The argument is ON or OFF.');
  }
  session.parameters.wantsReceipts = state === 'ON';
  return reply(200, `RECEIPT ${state}`);
}
