import type { ChecksumAlgorithm } from '../checksums/checksum-names.ts';
import type { UploadExpectation } from '../checksums/upload-expectation.ts';
import type { MachineFact } from '../listing/machine-facts.ts';

/** Parameters that stay as they are until another command changes them; REIN and AUTH reset them. */
export interface TransferParameters {
  /** Set by TYPE (RFC 959 §3.1.1). */
  type: 'A' | 'I';
  /** Set by MODE (RFC 959 §3.4). */
  mode: 'S' | 'B';
  /** Set by PROT: data connections in clear (C) or encrypted (P) (RFC 4217 §9). */
  protection: 'C' | 'P';
  /** Set by OPTS HASH. */
  hashAlgorithm: ChecksumAlgorithm;
  /** Set by OPTS MLST; all facts if undefined. */
  machineFacts: readonly MachineFact[] | undefined;
  /** Set by EPSV ALL (RFC 2428 §4). */
  isExtendedPassiveOnly: boolean;
  /** Set by OPTS RECEIPT: final replies of transfers carry a receipt. */
  wantsReceipts: boolean;
}

export function initialParameters(): TransferParameters {
  return {
    type: 'A',
    mode: 'S',
    protection: 'C',
    hashAlgorithm: 'SHA-256',
    machineFacts: undefined,
    isExtendedPassiveOnly: false,
    wantsReceipts: false,
  };
}

/** Parameters of the next transfer alone. */
export interface NextTransfer {
  /** Set by REST: offset at which the transfer starts (RFC 3659 §5). */
  restartBytes?: number;
  /** Set by RANG, for HASH and RETR; both ends belong to the range. */
  range?: { readonly firstBytes: number; readonly lastBytes: number };
  /** Set by ALLO: size of the upload, at least. */
  declaredBytes?: number;
  /** Set by ALLO: old files have to be deleted for the upload, which its name decides. */
  needsRoom?: boolean;
  /** Set by SITE EXPECT. */
  expectation?: UploadExpectation;
  /** Set by SITE MODIFIED: when the file of the upload was last changed. */
  modifiedMs?: number;
}
