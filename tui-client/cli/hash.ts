import { Failure } from '../errors/failure.ts';
import type { Algorithm } from '../files/digest.ts';
import { runningDigest } from '../remote/data/digests.ts';
import { downloadWhole } from '../transfers/download-whole.ts';
import { type FoundSpot, forEachPlace } from './each-place.ts';
import type { CommandRequest } from './request.ts';
import type { Sessions } from './sessions.ts';

/** Prints checksums as `sha256sum` does. What the server cannot compute is read and computed here. */
export function hash(request: CommandRequest): Promise<number> {
  const algorithm = (request.options.algorithm ?? 'SHA-256') as Algorithm;
  return forEachPlace(request, async (spot, sessions) => {
    const { path, entry, session } = spot;
    if (entry.kind === 'directory') throw new Failure('exists', `${path}: is a directory.`);
    const hex =
      (await session.place.digest(path, algorithm, request.stop)) ??
      (await digestHere(spot, sessions, { algorithm, signal: request.stop }));
    const { output } = sessions;
    await output.result(
      () => `${hex}  ${output.name(path)}\n`,
      () => ({ type: 'hash', path, algorithm, hex }),
    );
  });
}

async function digestHere(
  { session, path, entry }: FoundSpot,
  { output }: Sessions,
  { algorithm, signal }: { readonly algorithm: Algorithm; readonly signal: AbortSignal },
): Promise<string> {
  output.note(`The server does not support ${algorithm}: downloading ${path} to compute it.`);
  const digest = runningDigest(algorithm);
  await downloadWhole(session, path, {
    entry,
    signal,
    sink: (octets) => {
      digest.update(octets);
      return undefined;
    },
  });
  return digest.hex();
}
