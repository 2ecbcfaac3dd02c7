import type { Command } from '../contract/command.ts';
import { multilineReply } from '../contract/reply.ts';

/** Features that no verb brings. */
const GENERAL = ['UTF8', 'TVFS'];

/** FEAT: what the server can do beyond RFC 959 (RFC 2389 §3). */
export function featFor(commands: readonly Command[]): Command {
  return {
    verb: 'FEAT',
    argument: 'none',
    beforeLogin: true,
    syntax: 'FEAT',
    summary: 'list the extensions',
    handle(session) {
      const features = commands.flatMap((command) => command.features?.(session) ?? []);
      return multilineReply(211, ['Extensions:', ...[...GENERAL, ...features].sort(), 'End.']);
    },
  };
}
