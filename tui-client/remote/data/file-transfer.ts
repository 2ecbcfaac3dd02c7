import { Failure } from '../../errors/failure.ts';
import { isRefusal, type Reply } from '../connection/reply.ts';
import type { LoggedIn } from '../connection/session-link.ts';
import { machineTime } from '../listing/machine-time.ts';
import { isFailure, isRestartRefused } from '../remote-failure.ts';
import { refuseRewrittenName } from '../rewritten-name.ts';
import { Receiver } from './receiver.ts';
import { runTransfer } from './run-transfer.ts';
import { Sender } from './send-octets.ts';
import { sizeAndTime } from './size-and-time.ts';
import type { DownloadOptions, TransferReceipt, UploadOptions } from './transfer-connection.ts';
import { receiptIn } from './transfer-receipt.ts';

/** Buffer size with which a download is as fast as disk and network. */
const BUFFER_BYTES = 1024 * 1024;
/** With less a limit that is lifted would not be felt. */
const MIN_BUFFER_BYTES = 16 * 1024;

export async function downloadFile(
  loggedIn: LoggedIn,
  path: string,
  options: DownloadOptions,
): Promise<TransferReceipt> {
  const { sink, offsetBytes, sizeBytes, signal, onBytes, stallMs } = options;
  await chooseReceipts(loggedIn, options);
  let movedBytes = 0;
  const receiver = new Receiver({
    sink,
    bufferBytes: bufferBytesFor(options),
    expectedBytes: restOf(options),
    onReceived: (bytes) => {
      movedBytes += bytes;
      onBytes?.(movedBytes);
    },
  });
  const reply = await runTransfer(loggedIn.control, {
    command: `RETR ${path}`,
    offsetBytes,
    sizeBytes,
    signal,
    receiver,
    isOurTurn: () => receiver.isTaking,
    stallMs,
    purpose: `Could not download ${path}`,
  });
  return receiptIn(reply);
}

function restOf({ sizeBytes, offsetBytes = 0 }: DownloadOptions): number | undefined {
  return sizeBytes === undefined ? undefined : Math.max(0, sizeBytes - offsetBytes);
}

/** What is not read yet slows the server down. */
function bufferBytesFor({ pieceBytes }: DownloadOptions): number {
  const piece = pieceBytes?.();
  return piece === undefined ? BUFFER_BYTES : Math.max(MIN_BUFFER_BYTES, piece);
}

export async function uploadFile(
  loggedIn: LoggedIn,
  path: string,
  options: UploadOptions,
): Promise<TransferReceipt> {
  const { source, signal, onBytes, stallMs } = options;
  const purpose = `Could not upload ${path}`;
  await refuseRewrittenName(loggedIn.control, path, { purpose, signal });
  await chooseReceipts(loggedIn, options);
  await expectDigest(loggedIn, options, purpose);
  const start = await startOf(loggedIn, path, options);
  let movedBytes = 0;
  const sender = new Sender(source, {
    pieceBytes: options.pieceBytes,
    onSent: (bytes) => {
      movedBytes += bytes;
      onBytes?.(movedBytes);
    },
  });
  let hasTime = false;
  const timing = timeCommand(loggedIn, options);
  const onReply = (reply: Reply) => {
    hasTime = !isRefusal(reply);
  };
  const transfer = runTransfer(loggedIn.control, {
    ...start,
    companion: timing === undefined ? undefined : { command: timing, onReply },
    announcement: announcementOf(loggedIn, options),
    sizeBytes: options.sizeBytes,
    signal,
    send: (data) => sender.send(data),
    isOurTurn: () => sender.isReading,
    stallMs,
    purpose,
  });
  const reply = await transfer.catch((error: unknown) => throwFor(error, options));
  const receipt = { ...receiptIn(reply), hasTime };
  const { modifiedMs, wantsReceipt = false } = options;
  // Where digests are compared, the size says nothing more.
  if (hasTime || wantsReceipt || modifiedMs === undefined) return receipt;
  return { ...receipt, ...(await sizeAndTime(loggedIn, { path, modifiedMs })) };
}

/** Saves MFMT after the upload, and with it a round trip. */
function timeCommand(
  { capabilities }: LoggedIn,
  { modifiedMs }: UploadOptions,
): string | undefined {
  if (modifiedMs === undefined || !capabilities.hasBoth('SITE', 'MODIFIED')) return undefined;
  return `SITE MODIFIED ${machineTime(modifiedMs)}`;
}

/** A receipt costs the server the digest of the file, so it is asked for only where it is looked at. */
async function chooseReceipts(
  { control, capabilities }: LoggedIn,
  { wantsReceipt = false }: DownloadOptions | UploadOptions,
): Promise<void> {
  if (!capabilities.hasReceipts || control.givesReceipts === wantsReceipt) return;
  await control.ask(`OPTS RECEIPT ${wantsReceipt ? 'ON' : 'OFF'}`);
  control.givesReceipts = wantsReceipt;
}

/** Some servers take REST and refuse to resume uploads only at STOR. */
function throwFor(error: unknown, { offsetBytes = 0 }: UploadOptions): never {
  if (offsetBytes === 0 || !isFailure(error) || !isRestartRefused(error)) throw error;
  const { message, code = 0 } = error;
  throw new Failure('protocol', message, { code });
}

/** Says how much will come, to a server that looks whether it has come. */
function announcementOf(
  { capabilities }: LoggedIn,
  { offsetBytes = 0, sizeBytes = 0 }: UploadOptions,
): string | undefined {
  const isWanted = capabilities.isMyFtp && sizeBytes > 0 && offsetBytes === 0;
  return isWanted ? `ALLO ${sizeBytes}` : undefined;
}

/** Says what will come, to a server that compares. */
async function expectDigest(
  { control, capabilities }: LoggedIn,
  { sha256Hex, signal }: UploadOptions,
  purpose: string,
): Promise<void> {
  if (sha256Hex === undefined || !capabilities.hasBoth('SITE', 'EXPECT')) return;
  await control.command(`SITE EXPECT SHA-256 ${sha256Hex}`, { signal, purpose });
}

/** REST and STOR; APPE for a server that cannot, if its file ends just there. */
async function startOf(
  { control, capabilities }: LoggedIn,
  path: string,
  { offsetBytes = 0, signal }: UploadOptions,
): Promise<{ command: string; offsetBytes?: number }> {
  if (offsetBytes === 0 || capabilities.canRestart) return { command: `STOR ${path}`, offsetBytes };
  const reply = await control.ask(`SIZE ${path}`, { signal });
  const sizeBytes = Number(/^213 (\d+)/.exec(reply.text)?.[1]);
  if (!isRefusal(reply) && sizeBytes === offsetBytes) return { command: `APPE ${path}` };
  throw new Failure('protocol', `The server cannot resume the upload of ${path}.`);
}
