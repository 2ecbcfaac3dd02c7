import type { Algorithm } from '../files/digest.ts';
import type { Capabilities } from './connection/capabilities.ts';
import type { CommandOptions, ControlConnection } from './connection/control-connection.ts';
import { isRefusal, type Reply } from './connection/reply.ts';
import type { LoggedIn } from './connection/session-link.ts';
import { DIGEST_LENGTHS } from './data/digests.ts';
import { failureForReply } from './remote-failure.ts';

/** A server reads the whole file first, which may be large. */
const DIGEST_TIMEOUT_MS = 30 * 60_000;

export interface DigestRequest {
  readonly path: string;
  readonly algorithm: Algorithm;
  /** Octets from `startBytes` to before `endBytes`; the whole file if left out. */
  readonly range?: { readonly startBytes: number; readonly endBytes: number } | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the server computes, in lower-case hex; undefined if it cannot. */
export async function remoteDigest(
  { control, capabilities }: LoggedIn,
  request: DigestRequest,
): Promise<string | undefined> {
  const { path, algorithm, signal } = request;
  const purpose = `No checksum of ${path}`;
  const options = { signal, purpose, timeoutMs: DIGEST_TIMEOUT_MS };
  const name = capabilities.hashName(algorithm);
  const reply =
    name === undefined
      ? await olderDigest(control, capabilities, request, options)
      : await hash(control, { ...request, name }, options);
  if (reply === undefined || isUnable(reply)) return undefined;
  if (isRefusal(reply)) throw failureForReply(reply, purpose);
  return digestIn(reply, algorithm);
}

/** HASH, of the algorithm that OPTS HASH has chosen (draft-bryan-ftpext-hash §3). */
async function hash(
  control: ControlConnection,
  { path, name, range }: DigestRequest & { name: string },
  options: CommandOptions,
): Promise<Reply | undefined> {
  if (control.hashName !== name) {
    const chosen = await control.ask(`OPTS HASH ${name}`, options);
    if (isRefusal(chosen)) return undefined;
    control.hashName = name;
  }
  if (range !== undefined) {
    const chosen = await control.ask(`RANG ${range.startBytes} ${range.endBytes - 1}`, options);
    if (isRefusal(chosen)) return undefined;
  }
  return control.ask(`HASH ${path}`, options);
}

/** XSHA256 and its like, some of which know ranges. */
async function olderDigest(
  control: ControlConnection,
  capabilities: Capabilities,
  { path, algorithm, range }: DigestRequest,
  options: CommandOptions,
): Promise<Reply | undefined> {
  const command = capabilities.digestCommand(algorithm);
  if (command === undefined || range !== undefined) return undefined;
  const pathname = path.includes(' ') && !capabilities.isMyFtp ? `"${path}"` : path;
  return control.ask(`${command} ${pathname}`, options);
}

/** The first thing in a reply that looks like a digest of this kind. */
export function digestIn({ text }: Reply, algorithm: Algorithm): string | undefined {
  const length = DIGEST_LENGTHS[algorithm];
  const words = text.split('\n').map((line) => line.replace(/^\d{3}[ -]/, ''));
  const pattern = new RegExp(`(?<![0-9a-z])[0-9a-f]{${length}}(?![0-9a-z])`, 'i');
  const exact = pattern.exec(words.join('\n'))?.[0];
  if (exact !== undefined || algorithm !== 'CRC32') return exact?.toLowerCase();
  // Some leave out the zeros in front.
  return /^([0-9a-f]{1,7})$/im.exec(words.join('\n'))?.[1]?.toLowerCase().padStart(length, '0');
}

/** Not known, or not with these parameters. */
function isUnable({ code }: Reply): boolean {
  return code >= 500 && code <= 504;
}
