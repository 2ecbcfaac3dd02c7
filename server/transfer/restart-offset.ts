import type { SessionContext } from '../contract/session-context.ts';
import type { NextTransfer } from '../contract/transfer-parameters.ts';
import { ParameterNotSupportedError } from '../errors/errors.ts';

/**
 * The offset at which a transfer starts, as REST has set it.
 *
 * @throws ParameterNotSupportedError in TYPE A, where the offset on disk is another one than that of what is sent, and
 *   in MODE B, whose restart markers have another form (RFC 959 §3.5).
 */
export function restartOffset(
  { parameters: { type, mode } }: SessionContext,
  { restartBytes = 0 }: NextTransfer,
): number {
  if (restartBytes > 0 && (type === 'A' || mode === 'B')) {
    throw new ParameterNotSupportedError('Transfers can be restarted in TYPE I and MODE S only.');
  }
  return restartBytes;
}
