import { Failure } from '../errors/failure.ts';
import { runningDigest } from '../remote/data/digests.ts';
import { findTarget } from '../transfers/find-target.ts';
import { confirmUpload, noteOf } from '../transfers/verify.ts';
import { withParents } from '../transfers/with-parents.ts';
import { UsageError } from './command-context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { CommandRequest } from './request.ts';
import type { RemoteSpot, Sessions } from './sessions.ts';

/** Uploads standard input, whose length is not known in advance. */
export async function putStdin(
  request: CommandRequest,
  sessions: Sessions,
  to: string,
): Promise<number> {
  const { options } = request;
  if (options.passwordStdin === true) {
    throw new UsageError('Standard input cannot be both the password and the file.');
  }
  if (options.resume === true || options.newer === true || options.keepBoth === true) {
    throw new UsageError('Standard input supports --overwrite and --skip only.');
  }
  const spot = await sessions.spot(to);
  const existing = await findTarget(spot.session.place, spot.path);
  if (existing?.kind === 'directory' || to.endsWith('/')) {
    throw new UsageError('Missing file name: give the full target path for standard input.');
  }
  if (existing !== undefined && options.skip === true) {
    sessions.output.note(`${spot.path}: already exists, skipped.`);
    return EXIT_CODES.done;
  }
  if (existing !== undefined && options.overwrite !== true) {
    throw new Failure('exists', `${spot.path}: already exists; use --overwrite to replace it.`);
  }
  return upload(request, sessions, spot);
}

async function upload(
  { context, options, stop }: CommandRequest,
  { output, settings }: Sessions,
  { session, path }: RemoteSpot,
): Promise<number> {
  const { algorithm = 'SHA-256' } = session;
  const digest = runningDigest(algorithm);
  let sizeBytes = 0;
  async function* octetsOfStdin(): AsyncGenerator<Buffer> {
    for await (const chunk of context.stdin) {
      const octets = Buffer.from(chunk);
      digest.update(octets);
      sizeBytes += octets.length;
      yield octets;
    }
  }
  const verifies = options.verify !== false && settings.verify && session.algorithm !== undefined;
  const receipt = await withParents({
    place: session.place,
    path,
    send: () =>
      session.upload(path, { source: octetsOfStdin(), signal: stop, wantsReceipt: verifies }),
    mayRepeat: () => sizeBytes === 0,
  });
  const own = verifies ? { algorithm, running: digest } : undefined;
  const confirmed = await confirmUpload(session, path, { own, receipt, sizeBytes, signal: stop });
  if (confirmed instanceof Failure) throw confirmed;
  const { note } = noteOf(confirmed);
  const equal = typeof confirmed === 'object' ? `${algorithm} equal` : note;
  const remark = equal === undefined ? '' : `  (${equal})`;
  await output.result(
    () => `done     - -> ${output.name(path)}${remark}\n`,
    () => ({
      type: 'file',
      action: 'upload',
      from: '-',
      to: path,
      state: 'done',
      sizeBytes,
      verified: confirmed,
      note,
    }),
  );
  return EXIT_CODES.done;
}
