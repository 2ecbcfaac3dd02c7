import type { ChecksumAlgorithm } from '../checksums/checksum-names.ts';
import type { UploadDigest } from '../checksums/upload-digest.ts';
import type { UploadExpectation } from '../checksums/upload-expectation.ts';
import type { SessionContext } from '../contract/session-context.ts';
import type { UploadFile } from '../uploads/upload-file.ts';
import { fileChecksum } from './file-checksum.ts';

/** Digest of the octets of an upload. */
export type Digest = Pick<UploadDigest, 'reached' | 'finish' | 'get' | 'published' | 'cancel'>;

/** For an append: the digest of the received octets would not be that of the file. */
const NO_DIGEST: Digest = {
  reached() {},
  finish() {},
  get: () => undefined,
  published() {},
  cancel() {},
};

/** Begins the digests that the receipt and the expectation need, and those that are computed without being asked for. */
export function beginDigest(
  session: SessionContext,
  file: UploadFile,
  expectation: UploadExpectation | undefined,
): Digest {
  if (file.appendedBytes !== undefined) return NO_DIGEST;
  const wanted = new Set<ChecksumAlgorithm>();
  if (expectation !== undefined) wanted.add(expectation.algorithm);
  if (session.parameters.wantsReceipts) wanted.add('SHA-256');
  const { descriptor, sizeBytes: offsetBytes } = file;
  return session.services.uploadDigests.begin({ descriptor, offsetBytes, wanted: [...wanted] });
}

/** For a receipt: digest of the published file up to the last octet of this upload. */
export function appendedDigest(
  session: SessionContext,
  file: UploadFile,
): Promise<string | undefined> | undefined {
  if (!session.parameters.wantsReceipts || file.appendedBytes === undefined) return undefined;
  if (file.isBlind) return undefined;
  const { path, sizeBytes: endBytes } = file;
  const request = { pathname: path, algorithm: 'SHA-256', endBytes } as const;
  return fileChecksum(session, request).then(
    ({ digest }) => digest,
    () => undefined,
  );
}
