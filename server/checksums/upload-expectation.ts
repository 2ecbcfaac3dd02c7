import { UploadMismatchError } from '../errors/errors.ts';
import type { ChecksumAlgorithm } from './checksum-names.ts';

/** The complete file, as the client has announced it. */
export interface UploadExpectation {
  readonly algorithm: ChecksumAlgorithm;
  /** Lower-case hexadecimal digits. */
  readonly digest: string;
  readonly sizeBytes: number | undefined;
}

/** @throws UploadMismatchError with both sizes. */
export function requireExpectedSize(
  file: { readonly shownPath: string; readonly sizeBytes: number },
  { sizeBytes }: UploadExpectation,
): void {
  if (sizeBytes === undefined || sizeBytes === file.sizeBytes) return;
  throw new UploadMismatchError(
    `Upload of ${file.shownPath} rejected: expected ${sizeBytes} bytes, received ${file.sizeBytes}.`,
  );
}

/** @throws UploadMismatchError with both digests. */
export function requireExpectedDigest(
  file: { readonly shownPath: string },
  { algorithm, digest }: UploadExpectation,
  actual: string,
): void {
  if (actual === digest) return;
  throw new UploadMismatchError(
    `Upload of ${file.shownPath} rejected: expected ${algorithm} ${digest}, received ${actual}.`,
  );
}
