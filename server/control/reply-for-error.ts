import { DatabaseBusyError } from '../../db/database-error.ts';
import { type Reply, reply } from '../contract/reply.ts';
import {
  AccountExpiredError,
  ArgumentError,
  BlockFormatError,
  ClientError,
  DataConnectionError,
  DataProtectionRequiredError,
  DiskFailureError,
  DiskFullError,
  FileBusyError,
  FileNameNotAllowedError,
  FileTooLargeError,
  FileUnavailableError,
  LoginRefusedError,
  NotLoggedInError,
  NotPermittedError,
  ParameterNotSupportedError,
  PasswordChangeNeededError,
  PasswordCheckFailedError,
  PasswordNotAllowedError,
  QuotaExceededError,
  RestartMarkerError,
  SequenceError,
  SignUpRefusedError,
  TlsFailedError,
  TooManyFilesError,
  TransferAbortedError,
  UploadIncompleteError,
  UploadMismatchError,
  UsernameNotAllowedError,
  UsernameTakenError,
} from '../errors/errors.ts';

type ClientErrorClass = abstract new (...args: never[]) => ClientError;

/** The reply code of each failure (RFC 959 §4.2.2, RFC 3659 §5 for 554, RFC 4217 §9 for 521 and 522). */
const CODES: ReadonlyMap<ClientErrorClass, number> = new Map<ClientErrorClass, number>([
  [PasswordCheckFailedError, 421],
  [DataConnectionError, 425],
  [TransferAbortedError, 426],
  [BlockFormatError, 426],
  [FileBusyError, 450],
  [DiskFailureError, 451],
  [UploadIncompleteError, 451],
  [DiskFullError, 452],
  [ArgumentError, 501],
  [SequenceError, 503],
  [ParameterNotSupportedError, 504],
  [DataProtectionRequiredError, 521],
  [TlsFailedError, 522],
  [AccountExpiredError, 530],
  [NotLoggedInError, 530],
  [PasswordChangeNeededError, 530],
  [LoginRefusedError, 530],
  [PasswordNotAllowedError, 530],
  [FileUnavailableError, 550],
  [NotPermittedError, 550],
  [SignUpRefusedError, 550],
  [UploadMismatchError, 550],
  [UsernameTakenError, 550],
  [FileTooLargeError, 552],
  [QuotaExceededError, 552],
  [TooManyFilesError, 552],
  [FileNameNotAllowedError, 553],
  [UsernameNotAllowedError, 553],
  [RestartMarkerError, 554],
]);

/** Reply for a failure. A failure that MyFTP did not foresee is 451 with a fixed text. */
export function replyForError(error: unknown): Reply {
  if (error instanceof DatabaseBusyError) {
    return reply(451, 'The database of the server is busy; try again shortly.');
  }
  const code = error instanceof ClientError ? codeOf(error) : undefined;
  return code === undefined
    ? reply(451, 'Internal server error; see the server log.')
    : reply(code, (error as ClientError).message);
}

/** Whether `error` is meant for the client, and not a fault of the server. */
export function isForeseen(error: unknown): boolean {
  if (error instanceof DatabaseBusyError) return true;
  return error instanceof ClientError && codeOf(error) !== undefined;
}

function codeOf(error: ClientError): number | undefined {
  return CODES.get(error.constructor as ClientErrorClass);
}
